"""Setting up by which account we answer: on the command line and on the pages; asked first, and nothing is posted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gehoor.core.clock import StillClock
from gehoor.core.errors import SettingError
from gehoor.core.reader import Reader
from gehoor.core.settings import load, parse
from gehoor.core.tables.person import audit
from gehoor.run.repliers import limit_of, limits, replier_for
from tests.cast import NOON
from tests.component.changing import Changing, changing, words
from tests.component.commanding import Commanding
from tests.component.hearing import BRANDS, Hearing
from tests.component.pds import Pds
from tests.component.scripted import Asked, Scripted, answer

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")


def _roomy(asked: Asked) -> bytes:
    """Answer as a server where 5,000 characters fit."""
    if asked.method == "POST":
        return answer(422, b'{"error":"Validation failed: Text can\'t be blank"}')
    if asked.path == "/api/v2/instance":
        return answer(200, b'{"configuration":{"statuses":{"max_characters":5000}}}')
    return answer(200, b'{"id":"1","acct":"acme"}')


@pytest.fixture
def person(tmp_path: Path) -> Commanding:
    """Return somebody with an empty workspace."""
    (tmp_path / "w").mkdir()
    (tmp_path / "w/gehoor.toml").write_text(BRANDS)
    return Commanding(tmp_path / "w")


@pytest.fixture
def editor(tmp_path: Path, clock: StillClock) -> Iterator[Changing]:
    """Return somebody on the pages of a workspace that hears nothing yet."""
    with changing(tmp_path / "workspace", BRANDS, clock) as editor:
        yield editor


def test_a_replier_is_added_says_as_whom_and_learns_how_much_fits(person: Commanding) -> None:
    with Scripted(_roomy) as server:
        more = ("--token", "t", "--set", "allow_private=true")
        said = person.at("add", "mastodon-reply", server.url, "--name", "care", *more).stderr
        assert f"answers as @acme@localhost:{server.port}, 5000 characters fit" in said
        assert "answers as @acme" in person.at("check").stderr
    part = load(person.root).repliers["care"]
    assert (part.type, part.options.most) == ("mastodon-reply", 5000)


def test_what_is_added_while_nothing_runs_stands_in_the_audit_log(tmp_path: Path) -> None:
    hearing = Hearing(tmp_path / "w", BRANDS)
    hearing.close()
    hearing.ledger.close()
    person = Commanding(tmp_path / "w")
    person.at("add", "pretend-reply", "--set", "channel=mail")
    person.at("add", "webhook", "https://chat.example/hook")
    lines = Reader(tmp_path / "w").stored(sa.select(audit.c.act, audit.c.said_by))
    assert [tuple(line) for line in lines] == [("reload", "you")] * 2


def test_a_replier_that_cannot_answer_is_added_and_says_why(person: Commanding) -> None:
    with Pds() as pds:
        more = ("--set", "app_password=wrong", "--set", f"pds={pds.url}", "--set", "allow_private=true")
        said = person.at("add", "bluesky-reply", "acme.example", *more).stderr
        assert "check handle and app password" in said
        assert "bluesky-reply" in person.at("check", code=2).stderr


def test_a_replier_is_asked_and_saved_on_the_pages(editor: Changing) -> None:
    page = "/settings/repliers/new?kind=mastodon-reply"
    with Scripted(_roomy) as server:
        typed = {"server": server.url, "token": "$TOKEN", "name": "care", "allow_private": "yes", "most": ""}
        assert "Not yet." in editor.send(page, do="try", **typed)  # the environment has no TOKEN
        typed["token"] = "hush"
        asked = editor.sent(page, do="try", **typed)
    assert f"Yes, you answer as @acme@localhost:{server.port}." in words(asked)
    assert 'value="5000"' in asked and "hush" not in editor.sent(page, **typed | {"most": "5000"})
    care = editor.toml["repliers"]["care"]
    assert care == {
        "type": "mastodon-reply",
        "server": server.url,
        "token": "hush",
        "most": 5000,
        "allow_private": True,
    }
    assert "care Mastodon" in editor.said("/settings")


@pytest.mark.parametrize("kind", ["mastodon-reply", "bluesky-reply", "mail-reply"])
def test_every_kind_has_its_form_and_says_what_is_missing(kind: str, editor: Changing) -> None:
    page = f"/settings/repliers/new?kind={kind}"
    assert editor.client.get(page).status_code == 200
    assert "Fill this in." in editor.send(page, name="care")


TWO = """[sources.fedi]
type = "mastodon"
timelines = ["#koffer"]
[sources.other]
type = "mastodon"
timelines = ["#tas"]
[repliers.care]
type = "mastodon-reply"
server = "https://a.example"
token = "t"
sources = ["fedi"]
[repliers.sky]
type = "bluesky-reply"
handle = "acme.example"
app_password = "p"
"""


def test_who_answers_is_whose_sources_heard_it_and_else_it_is_refused_in_words(tmp_path: Path) -> None:
    settings = parse(TWO, tmp_path)
    assert replier_for(settings, "mastodon", "fedi") == "care"
    assert replier_for(settings, "bluesky", None) == "sky"
    with pytest.raises(SettingError, match="What other heard is answered by none of care"):
        replier_for(settings, "mastodon", "other")
    with pytest.raises(SettingError, match="cannot be answered from here"):
        replier_for(settings, "feed", None)
    with pytest.raises(SettingError, match="gehoor add bluesky-reply"):
        replier_for(parse("", tmp_path), "bluesky", None)


def test_pages_know_how_much_fits(tmp_path: Path) -> None:
    settings, clock = parse(TWO, tmp_path), StillClock(NOON)
    assert limits(settings, clock) == {"mastodon": 468, "bluesky": 300}
    limit = limit_of(settings, "mastodon", "fedi", clock)
    assert (limit.replier, limit.most, limit.length("Zie https://acme.example/" + "x" * 90)) == ("care", 468, 27)


def test_sources_of_a_replier_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"line 11: .*none named 'fedy'. Known: fedi, other"):
        parse(TWO.replace('["fedi"]', '["fedy"]'), tmp_path)
