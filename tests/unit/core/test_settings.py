"""The settings: what is right is typed, what is wrong is named with its line and what is allowed."""

import pickle
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.errors import SettingError
from gehoor.core.languages import ISO_639_1
from gehoor.core.settings import Settings, parse
from gehoor.core.settings_text import to_toml
from gehoor.listen.file import FileOptions

ROOT = Path("/somewhere")

FULL = """\
[workspace]
name = "Noordvlucht"
languages = ["nl", "en"]

[brands.noordvlucht]
terms = ["noordvlucht", "@noordvlucht"]

[sources.timeline]
type = "file"  # a comment
path = "posts/a.jsonl"
follow = true

[receivers.shop]
type = "segment"
write_key = "k"

[web]
port = 9000
"""


def message_of(text: str) -> str:
    with pytest.raises(SettingError) as error:
        parse(text, ROOT)
    return str(error.value)


def test_whole_file_is_typed() -> None:
    settings = parse(FULL, ROOT)
    assert settings.workspace.languages == ("nl", "en")
    assert settings.brands["noordvlucht"].terms == ("noordvlucht", "@noordvlucht")
    assert settings.sources["timeline"].type == "file"
    assert settings.sources["timeline"].options == FileOptions(path=ROOT / "posts/a.jsonl", follow=True)
    assert settings.receivers["shop"].options.write_key == "k"
    assert (settings.web.port, settings.root) == (9000, ROOT)


def test_empty_file_is_all_defaults() -> None:
    assert parse("", ROOT) == Settings(root=ROOT)


def test_absolute_path_stays_as_it_is() -> None:
    assert parse('[sources.a]\ntype = "file"\npath = "/x/y"\n', ROOT).sources["a"].options.path == Path("/x/y")


def test_settings_travel_to_another_process() -> None:
    settings = parse(FULL, ROOT)
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301 (our own bytes, as multiprocessing sends them)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (
            "path =",
            "pathh =",
            10,
            "[sources.timeline] has no setting 'pathh'. Did you mean 'path'? Allowed: path, format",
        ),
        ("follow = true", 'follow = "yes"', 11, "[sources.timeline] follow must be true or false, not text in quotes."),
        (
            'path = "posts/a.jsonl"',
            "path = 3",
            10,
            "[sources.timeline] path must be text in quotes, not a whole number.",
        ),
        ('path = "posts/a.jsonl"', "", 8, "[sources.timeline] needs the setting 'path'."),
        ('"file"', '"fiel"', 9, "there is no type 'fiel'. Did you mean 'file'? Allowed:"),
        ('type = "file"', "", 8, "[sources.timeline] needs the setting 'type'. Allowed:"),
        ("follow = true", 'format = "jsn"', 11, "format cannot be 'jsn'. Allowed: auto, plain, xapi, twcs, csv."),
        (
            "follow = true",
            'encoding = "cp9"',
            11,
            "[sources.timeline] encoding 'cp9' is not known; try cp1252 or utf-16.",
        ),
        ("follow = true", 'columns = { txt = "a" }', 11, "columns: 'txt' is not a field of ours"),
        ("port = 9000", "port = 99999", 18, "[web] port must be a whole number <= 65535."),
        ("port = 9000", "port = 90.5", 18, "[web] port must be a whole number, not a number."),
        ("[web]", "[wep]", 17, "there is no table [wep]. Did you mean 'web'? Allowed: workspace, duplicates"),
        ('"nl", "en"', '"nl", "xx"', 3, "[workspace] languages: 'xx' is no ISO 639-1 code"),
        ('["nl", "en"]', "[]", 3, "[workspace] languages must be a list"),
        ('["noordvlucht", "@noordvlucht"]', '["a", " @ "]', 6, "[brands.noordvlucht] terms holds an empty term"),
        ('["noordvlucht", "@noordvlucht"]', '["a", 1]', 6, "terms must be text in quotes, not a whole number."),
        ("[receivers.shop]", "[receivers.timeline]", 13, "is also the name of a source"),
        ("[brands.noordvlucht]", '[brands."Noord Vlucht"]', 5, "is no good name: use letters, digits"),
    ],
)
def test_wrong_setting_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert old in FULL
    message = message_of(FULL.replace(old, new, 1))
    assert message.startswith(f"gehoor.toml, line {line}: ")
    assert words in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[web]\nport = \n", "gehoor.toml, line 2, column 8: this is not TOML: invalid value."),
        ('[web]\nhost = "x\n', "gehoor.toml, line 2, column 10: this is not TOML: the text has no closing quote."),
        ("[web]\nport = [1,\n", "gehoor.toml, line 2, the end: this is not TOML"),
        ("web = 3", "gehoor.toml, line 1: web must be a table"),
        ("[sources]\na = 3", "gehoor.toml, line 2: [sources] a must be a table"),
        ("root = '/'", "gehoor.toml, line 1: there is no table [root]."),
        ("[workspace]\ntimezone = 'Europe/Amsterdom'", "line 2: [workspace] timezone: there is no time zone"),
        ("[workspace]\ntimezone = '../../etc/passwd'", "line 2: [workspace] timezone: there is no time zone"),
        ("[workspace]\ntimezone = ''", "line 2: [workspace] timezone: there is no time zone"),
        ("[duplicates]\nthreshold = 1.5", "line 2: [duplicates] threshold must be a number <= 1"),
        ("[duplicates]\nwindow = 10", "line 2: [duplicates] window must be a whole number >= 1024."),
        ("[retention]\nledger_days = 0", "line 2: [retention] ledger_days must be a whole number >= 1."),
        ("web.port = 0", "line 1: [web] port must be a whole number >= 1."),
        ("[workspace]\ninterface = 'de'", "line 2: [workspace] interface cannot be 'de'. Allowed: nl, en."),
    ],
)
def test_value_outside_what_is_allowed_is_refused(text: str, words: str) -> None:
    assert words in message_of(text)


def test_two_letter_codes_are_complete() -> None:
    assert len(ISO_639_1) == 184
    assert {"nl", "fy", "en", "de", "fr", "es", "zu"} <= ISO_639_1


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        settings = parse(text, ROOT)
    except SettingError as error:
        assert str(error).startswith("gehoor.toml")
    else:
        assert settings.root == ROOT


@given(st.recursive(st.text() | st.integers(-(2**63), 2**63 - 1) | st.booleans(), lambda x: st.lists(x, max_size=3)))
def test_what_we_write_is_read_back(value: object) -> None:
    assert tomllib.loads(f"a = {to_toml({'b c': value})}") == {"a": {"b c": value}}


def test_source_keeps_all_unless_it_is_told_to_keep_what_concerns_a_brand() -> None:
    text = '[sources.a]\ntype = "file"\npath = "a"\n[sources.b]\ntype = "file"\npath = "b"\nkeep = "brands"\n'
    sources = parse(text, ROOT).sources
    assert {name: part.keep for name, part in sources.items()} == {"a": "all", "b": "brands"}
    assert sources["b"].options == FileOptions(path=ROOT / "b")


def test_wrong_keep_is_named_with_its_line() -> None:
    said = message_of('[sources.a]\ntype = "file"\npath = "a"\nkeep = "brand"\n')
    assert said.startswith("gehoor.toml, line 4: [sources.a] keep cannot be 'brand'. Did you mean 'brands'?")
