"""A `gehoor.toml` is changed where it is meant to be, and nowhere else."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.errors import SettingError
from gehoor.core.settings_edit import digest_of, drop_table, put_table, set_keys
from gehoor.core.toml_lines import statements

WRITTEN = '''# ours, since 2026
[workspace]  # who we are
name = "Acme"  # the bank
languages = [
  "nl",  # first
  "en",
]

# what they call us
[brands.acme]
terms = ["acme"]  # @acme too

[sources.posts]
type = "file"
path = "posts.jsonl"
[sources.posts.columns]
text = "body"

# and the other one
[brands."rival-1"]
query = """
rival
"""

# the end
'''

_NAMES = st.sampled_from(["a", "b", "rival-1", "x_2", "A"])
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_VALUES = st.one_of(st.booleans(), st.integers(-9, 9), st.just(0.5), _TEXTS, st.lists(_TEXTS, max_size=3),
                    st.dictionaries(_TEXTS.filter(bool), _TEXTS, min_size=1, max_size=2))  # fmt: skip
_TABLES = st.dictionaries(st.sampled_from(["type", "path", "terms", "odd key", "columns"]), _VALUES, max_size=4)
_FORMS = ("plain", "dotted", "inline", "spread")


@st.composite
def _written(draw: st.DrawFn) -> tuple[str, dict[str, Any], list[str]]:
    """Draw a text as people write them, with what it says and its comments outside the tables."""
    from gehoor.core.settings_text import to_toml

    says: dict[str, Any] = {}
    pieces: list[str] = []
    comments: list[str] = []
    places = draw(st.lists(st.tuples(st.sampled_from(["brands", "sources"]), _NAMES), unique=True, max_size=4))
    for n, (group, name) in enumerate(places):
        values = draw(_TABLES)
        form = draw(st.sampled_from(_FORMS))
        comments.append(f"# [{group}.{name}] = note {n} \"'")
        pieces.append(comments[-1])
        deep = {key: value for key, value in values.items() if isinstance(value, dict)} if form == "spread" else {}
        flat = {key: value for key, value in values.items() if key not in deep}
        keys = [f"{to_toml(key)} = {to_toml(value)}  # beside" for key, value in flat.items()]
        if form == "inline":
            pieces += [f"[{group}.{name}]", *keys]
        elif form == "dotted":
            pieces += [f"[ {group} . {name} ]", *(f"\t{key}" for key in keys)]
        else:
            pieces += [f"[{group}.{name}] # head", *keys]
            for key, value in deep.items():
                pieces.append(f"[{group}.{name}.{to_toml(key)}]")
                pieces += [f"{to_toml(below)} = {to_toml(text)}" for below, text in value.items()]
        if draw(st.booleans()):
            pieces.append("")
        says.setdefault(group, {})[name] = values
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return end.join(pieces) + draw(st.sampled_from(["", end])), says, comments


@given(_written(), st.sampled_from(["brands", "sources"]), _NAMES, _TABLES)
def test_a_table_that_is_put_is_all_that_changes(
    written: tuple[str, dict[str, Any], list[str]], group: str, name: str, values: dict[str, Any]
) -> None:
    text, says, comments = written
    after = put_table(text, group, name, values)
    wanted = says | {group: says.get(group, {}) | {name: values}}
    assert tomllib.loads(after) == wanted
    assert all(comment in after for comment in comments)
    others = [one.text.strip() for one in statements(text) if one.path[:2] != (group, name) and one.kind != "gap"]
    assert [line for line in others if line not in after] == []
    assert put_table(after, group, name, values) == after


@given(_written())
def test_a_table_that_is_dropped_is_all_that_goes(written: tuple[str, dict[str, Any], list[str]]) -> None:
    text, says, comments = written
    for group, tables in says.items():
        for name in tables:
            after = drop_table(text, group, name)
            wanted = says | {group: {key: value for key, value in tables.items() if key != name}}
            assert {key: value for key, value in tomllib.loads(after).items() if value} == {
                key: value for key, value in wanted.items() if value
            }
            assert all(comment in after for comment in comments)


@given(_written())
def test_statements_joined_are_the_text(written: tuple[str, dict[str, Any], list[str]]) -> None:
    assert "".join(one.text for one in statements(written[0])) == written[0]


def test_what_is_set_again_stays_as_it_was_written() -> None:
    assert put_table(WRITTEN, "brands", "acme", {"terms": ["acme"]}) == WRITTEN
    assert put_table(WRITTEN, "sources", "posts", tomllib.loads(WRITTEN)["sources"]["posts"]) == WRITTEN
    assert set_keys(WRITTEN, "workspace", {"name": "Acme"}) == WRITTEN


def test_comments_stay_where_they_stand() -> None:
    after = set_keys(WRITTEN, "workspace", {"name": "Acme Bank", "languages": ["nl"], "timezone": "UTC"})
    assert 'name = "Acme Bank"  # the bank\n# first\nlanguages = ["nl"]\ntimezone = "UTC"\n\n# what they' in after
    after = put_table(WRITTEN, "brands", "acme", {"query": "acme"})
    assert '[brands.acme]\nquery = "acme"\n' in after


def test_sub_table_goes_with_its_table_and_the_rest_closes_up() -> None:
    after = drop_table(WRITTEN, "sources", "posts")
    assert 'terms = ["acme"]  # @acme too\n\n# and the other one\n' in after


def test_new_tables_come_behind_what_stands_there() -> None:
    assert put_table("", "brands", "a", {"terms": ["x"], "label": None}) == '[brands.a]\nterms = ["x"]\n'
    assert set_keys(WRITTEN, "alerts", {"to": ["mail"]}).endswith('# the end\n\n[alerts]\nto = ["mail"]\n')


def test_line_ends_of_the_user_are_kept() -> None:
    after = put_table("[brands.a]\r\nterms = ['x']\r\n", "brands", "a", {"terms": ["y"], "label": "Y"})
    assert after == '[brands.a]\r\nterms = ["y"]\r\nlabel = "Y"\r\n'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("workspace.name = 'x'\n", 'workspace.name = "y"\n'),
        ("[workspace]\n  name   = '''\nx'''  # so\n", '[workspace]\n  name = "y"  # so\n'),
        ("[workspace]\nname = 'a#b' # c\n", '[workspace]\nname = "y"  # c\n'),
        ("['workspace']\n\"name\" = 'x'", "['workspace']\nname = \"y\"\n"),
    ],
)
def test_a_key_is_found_however_it_is_written(text: str, wanted: str) -> None:
    assert set_keys(text, "workspace", {"name": "y"}) == wanted


def test_a_form_that_we_do_not_write_is_said_and_left_alone() -> None:
    with pytest.raises(SettingError, match="with an editor"):
        put_table("brands = { a = { terms = ['x'] } }\n", "brands", "b", {"terms": ["y"]})
    with pytest.raises(SettingError, match="gone already"):
        drop_table(WRITTEN, "brands", "nobody")


def test_a_table_in_braces_is_changed_in_braces() -> None:
    after = put_table("[brands]\na = { terms = ['x'] }\n", "brands", "a", {"terms": ["y"]})
    assert after == '[brands]\na = { terms = ["y"] }\n'


def test_every_change_has_another_digest() -> None:
    assert digest_of(WRITTEN) != digest_of(WRITTEN + " ")
