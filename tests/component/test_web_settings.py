"""The settings on a page: changed where it is meant, never over somebody else's work, and always with a way back."""

import re
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.errors import TransientError
from gehoor.core.message import Message
from gehoor.core.outbox import entries
from gehoor.web.app import app_of
from tests.cast import LOYAL
from tests.component.hearing import Hearing
from tests.component.scripted import Scripted, answer
from tests.component.settling import Settling

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

ORIGIN = {"Origin": "http://localhost"}
TOML = """# ours
[workspace]
name = "Acme"  # the bank

[brands.koffers]  # lost and found
terms = ["koffer", "mijn tas"]

[sources.day]
type = "file"
path = "day.jsonl"

[senders.team]
type = "webhook"
url = "https://team.example/hook"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # rotate in May

[alerts]
to = ["team"]
"""
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Nieuws</title><link>https://nieuws.example</link>
<item><title>Koffer gevonden</title><link>https://nieuws.example/1</link><guid>1</guid>
<description>Een koffer stond alleen op het perron.</description></item></channel></rss>"""

Pages = TestClient[Litestar]


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", TOML)
    yield hearing
    hearing.close()
    hearing.ledger.close()


@pytest.fixture
def owner(hearing: Hearing) -> Settling:
    return Settling(hearing)


@pytest.fixture
def pages(hearing: Hearing, owner: Settling, clock: StillClock) -> Iterator[Pages]:
    with TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def _said(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def _digest(pages: Pages, path: str = "/settings") -> str:
    found = re.search(r'name="digest" value="(\w+)"', pages.get(path).text)
    assert found
    return found[1]


def _send(pages: Pages, page: str, /, **typed: str) -> str:
    """Send a form as a browser does, and return the page that comes back."""
    form = {"digest": _digest(pages), "do": "save"} | typed
    return pages.post(page, data=form, headers=ORIGIN).text


def _file(hearing: Hearing) -> str:
    return (hearing.root / "gehoor.toml").read_text(encoding="utf-8")


def _toml(hearing: Hearing) -> dict[str, Any]:
    return tomllib.loads(_file(hearing))


# -- the whole ---------------------------------------------------------------------------------------------------------


def test_the_page_shows_all_that_is_set_and_no_secret(pages: Pages) -> None:
    for path in ("/settings", "/settings/senders/team"):
        assert "whsec_" not in pages.get(path).text.replace("whsec_;", "")
    said = _said(pages.get("/settings").text)
    assert "koffer OR mijn tas" in said
    assert "day File" in said
    assert "team Webhook" in said


def test_a_name_is_changed_taken_over_at_once_and_put_back(hearing: Hearing, owner: Settling, pages: Pages) -> None:
    typed = {"name": "Acme Bank", "interface": "en", "timezone": "Europe/Brussels", "tongue.nl": "yes", "others": "da"}
    page = _send(pages, "/settings/workspace", **typed)
    assert "Saved: Workspace." in _said(page)
    assert "Acme Bank" in page
    assert 'name = "Acme Bank"  # the bank\n' in _file(hearing)
    assert owner.taken_over is not None
    assert owner.taken_over.workspace.languages == ("nl", "da")
    page = _send(pages, "/settings/undo")
    assert "It is as it was again." in _said(page)
    assert _file(hearing) == TOML


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(hearing: Hearing, pages: Pages) -> None:
    page = _send(pages, "/settings/workspace", name="Acme", timezone="Mars/North", others="english", interface="en")
    assert "We don't know this time zone." in _said(page)
    assert 'value="Mars/North"' in page
    assert "Write codes of two letters" in _said(page)
    assert _file(hearing) == TOML
    assert "Write a whole number of days" in _said(
        _send(pages, "/settings/retention", ledger_days="1,5", dropped_days="7")
    )


def test_settings_that_somebody_else_changed_meanwhile_are_not_written_over(hearing: Hearing, pages: Pages) -> None:
    old = _digest(pages)
    changed = TOML.replace("lost and found", "by hand")
    (hearing.root / "gehoor.toml").write_text(changed, encoding="utf-8")
    typed = {"label": "Bags", "query": "tas"}
    page = _send(pages, "/settings/brands/koffers", digest=old, **typed)
    assert "Somebody changed the settings while you were busy." in _said(page)
    assert 'value="Bags"' in page
    assert _file(hearing) == changed
    again = re.search(r'name="digest" value="(\w+)"', page)
    assert again
    _send(pages, "/settings/brands/koffers", digest=again[1], **typed)
    assert _toml(hearing)["brands"] == {"koffers": {"label": "Bags", "terms": ["tas"]}}
    assert "# by hand" in _file(hearing)


def test_a_file_that_is_broken_is_said_and_locked(hearing: Hearing, pages: Pages) -> None:
    (hearing.root / "gehoor.toml").write_text(TOML + "[brnads.x]\n", encoding="utf-8")
    page = pages.get("/settings").text
    assert "brnads" in page
    assert '<fieldset class="whole" disabled>' in page
    assert "Acme" in page


def test_with_the_owner_away_one_can_look_only(hearing: Hearing, clock: StillClock) -> None:
    class Away:
        async def call(self, op: str, **arguments: object) -> None:
            raise TransientError("gehoor is not running here.", 1.0)

    with TestClient(app_of(hearing.site(Away(), clock)), base_url="http://localhost") as pages:
        pages.headers["Accept-Language"] = "en"
        page = pages.get("/settings").text
        assert "you can only look" in _said(page)
        assert '<fieldset class="whole" disabled>' in page
        page = _send(pages, "/settings/brands/koffers", label="Bags", query="tas")
        assert "so this was not saved" in _said(page)
        assert 'value="Bags"' in page
    assert _file(hearing) == TOML


def test_the_site_follows_the_file(hearing: Hearing, pages: Pages) -> None:
    assert "Bags" not in pages.get("/").text
    (hearing.root / "gehoor.toml").write_text(TOML + '[brands.b]\nlabel = "Bags"\nterms = ["bag"]\n', encoding="utf-8")
    assert "Bags" in pages.get("/").text


# -- brands ------------------------------------------------------------------------------------------------------------


def test_terms_are_shown_as_a_query_and_stay_terms(hearing: Hearing, pages: Pages) -> None:
    assert 'koffer OR "mijn tas"' in unescape(pages.get("/settings/brands/koffers").text)
    _send(pages, "/settings/brands/koffers", label="Koffers", query='koffer OR "mijn tas"')
    assert _toml(hearing)["brands"]["koffers"] == {"terms": ["koffer", "mijn tas"], "label": "Koffers"}
    _send(pages, "/settings/brands/koffers", label="Koffers", query="koffer -vacature")
    assert _toml(hearing)["brands"]["koffers"] == {"query": "koffer -vacature", "label": "Koffers"}
    assert "[brands.koffers]  # lost and found\n" in _file(hearing)


def test_a_query_is_tried_before_it_is_saved(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([LOYAL.says("Mijn koffer is weg"), LOYAL.says("Fijne dag", id="p2", after_s=1)])
    page = _send(pages, "/settings/brands/new", do="try", label="K", query="koffer", sentence="geen tas")
    assert "This would have heard 1 of the 2 posts of the last 7 days." in _said(page)
    assert "Mijn koffer is weg" in page
    assert "No, we don't hear that sentence." in _said(page)
    assert _file(hearing) == TOML


@pytest.mark.parametrize(
    ("query", "english", "dutch"),
    [
        ("koffer (weg OR", "behind this OR.", "Achter deze OR staat niets om naar te zoeken."),
        ("", "The query is empty", "De zoekvraag is leeg"),
        ("NOT koffer", "alone would match nearly every post", "zou bijna elk bericht passen"),
        ("lang:nl", "alone would match all", "past alles wat daar gezegd wordt"),
        ("a:b koffer", "There is no a:", "a: kennen we niet"),
    ],
)
def test_a_wrong_query_is_told_in_plain_words(
    hearing: Hearing, pages: Pages, query: str, english: str, dutch: str
) -> None:
    page = _send(pages, "/settings/brands/new", label="X", query=query)
    assert english in _said(page)
    pages.headers["Accept-Language"] = "nl"
    answer = pages.post("/settings/look", data={"query": query}, headers=ORIGIN)
    assert dutch in _said(answer.text)
    assert _file(hearing) == TOML


def test_a_query_that_hears_everything_is_asked_about(hearing: Hearing, pages: Pages) -> None:
    hearing.hear(LOYAL.says(f"De trein is laat {n}", id=f"p{n}", after_s=n) for n in range(4))
    look = pages.post("/settings/look", data={"query": "de OR het"}, headers=ORIGIN)
    assert "That is 100% of everything. Is that what you mean?" in _said(look.text)


def test_a_brand_is_added_and_taken_away_with_a_way_back(hearing: Hearing, pages: Pages) -> None:
    page = _send(pages, "/settings/brands/new", label="Acme Bank", query="@acme")
    assert "Saved: Acme Bank." in _said(page)
    assert _toml(hearing)["brands"]["acme-bank"] == {"label": "Acme Bank", "terms": ["@acme"]}
    page = _send(pages, "/settings/brands/acme-bank", do="remove")
    assert "Acme Bank is gone." in _said(page)
    assert "acme-bank" not in _toml(hearing)["brands"]
    undo = re.search(r'action="/settings/undo"><input type="hidden" name="digest" value="(\w+)"', page)
    assert undo
    _send(pages, "/settings/undo", digest=undo[1])
    assert "acme-bank" in _toml(hearing)["brands"]


# -- sources, receivers, senders ---------------------------------------------------------------------------------------


def test_a_feed_is_tried_first_and_shows_what_it_would_hear(hearing: Hearing, pages: Pages) -> None:
    with Scripted(lambda _asked: answer(200, FEED, Content_Type="application/rss+xml")) as server:
        typed = {"urls": server.url + "/feed", "allow_private": "yes"}
        page = _send(pages, "/settings/sources/new?kind=feed", do="try", **typed)
        assert "Een koffer stond alleen op het perron." in page
        assert _file(hearing) == TOML
        page = _send(pages, "/settings/sources/new?kind=feed", **typed)
        assert "Saved: localhost." in _said(page)
    wanted = {"type": "feed", "urls": [server.url + "/feed"], "allow_private": True}
    assert _toml(hearing)["sources"]["localhost"] == wanted


def test_a_source_that_cannot_be_reached_says_why(hearing: Hearing, pages: Pages) -> None:
    page = _send(pages, "/settings/sources/new?kind=feed", do="try", urls="http://127.0.0.1:9/feed")
    assert "We cannot reach this." in _said(page)
    assert "is no public address" in _said(page)
    assert "This is no web address." in _said(_send(pages, "/settings/sources/new?kind=feed", urls="nieuws"))
    assert "Fill this in." in _said(_send(pages, "/settings/sources/new?kind=mastodon", timelines=" "))
    assert _file(hearing) == TOML


def test_a_file_outside_the_workspace_is_for_who_sits_here(hearing: Hearing, pages: Pages) -> None:
    (hearing.root / "more.jsonl").write_text('{"text": "Hallo"}\n')
    outside = hearing.root.parent / "outside.jsonl"
    outside.write_text('{"text": "Hallo"}\n')
    assert "outside gehoor's folder" in _said(_send(pages, "/settings/sources/new?kind=file", path=str(outside)))
    assert "There is no such file." in _said(_send(pages, "/settings/sources/new?kind=file", path="none.jsonl"))
    _send(pages, "/settings/sources/new?kind=file", path=str(hearing.root / "more.jsonl"))
    assert _toml(hearing)["sources"]["more"] == {"type": "file", "path": "more.jsonl"}


def test_a_secret_is_kept_replaced_and_never_shown(hearing: Hearing, pages: Pages) -> None:
    _send(pages, "/settings/senders/team", url="https://team.example/other", secret="")
    assert _toml(hearing)["senders"]["team"]["secret"].startswith("whsec_Mf")
    assert "# rotate in May" in _file(hearing)
    page = _send(pages, "/settings/senders/team", url="ftp://x", secret="whsec_new")
    assert "whsec_new" not in page.replace('value="whsec_new"', "")
    _send(pages, "/settings/senders/team", url="https://team.example/other", secret="$TEAM_SECRET")
    assert _toml(hearing)["senders"]["team"]["secret"] == "$TEAM_SECRET"
    assert "$TEAM_SECRET" in pages.get("/settings/senders/team").text


def test_a_sender_that_is_added_is_told_and_one_that_goes_is_not(hearing: Hearing, pages: Pages) -> None:
    typed = {"host": "smtp.acme.example", "sender": "gehoor@acme.example", "to": "desk@acme.example\npr@acme.example"}
    _send(pages, "/settings/senders/new?kind=mail", name="desk", **typed)
    toml = _toml(hearing)
    assert toml["alerts"]["to"] == ["team", "desk"]
    assert toml["senders"]["desk"]["to"] == ["desk@acme.example", "pr@acme.example"]
    _send(pages, "/settings/senders/team", do="remove")
    assert _toml(hearing)["alerts"]["to"] == ["desk"]
    _send(pages, "/settings/alerts", false_alarms_per_week="0,5")
    assert _toml(hearing)["alerts"] == {"to": [], "false_alarms_per_week": 0.5}


def test_a_test_message_waits_under_a_fresh_key_and_its_state_is_shown(hearing: Hearing, pages: Pages) -> None:
    page = pages.post("/settings/test/team", headers=ORIGIN).text
    assert "A test is on its way through team." in _said(page)
    assert re.search(r"Test of \d\d:\d\d: about to be told", _said(page))
    with hearing.projector.engine.begin() as tx:
        [entry] = entries(tx)
    assert entry.channel == "team"
    assert msgspec.json.decode(entry.payload, type=Message).type == "test"
    assert "gone or changed" in _said(pages.post("/settings/test/nobody", headers=ORIGIN).text)


def test_a_program_is_sent_a_test_as_senders_are(hearing: Hearing, pages: Pages) -> None:
    _send(pages, "/settings/webhooks/new", url="https://crm.example/hook", **{"events.message.received": "yes"})
    page = pages.post("/settings/test/crm-example", data={"kind": "program"}, headers=ORIGIN).text
    assert re.search(r"Test of \d\d:\d\d: about to be told", _said(page))
    with hearing.projector.engine.begin() as tx:
        assert [entry.channel for entry in entries(tx)] == ["webhook/crm-example"]


def test_a_receiver_shows_its_key_once(hearing: Hearing, pages: Pages) -> None:
    page = _send(pages, "/settings/receivers/new?kind=segment")
    key = _toml(hearing)["receivers"]["segment"]["write_key"]
    assert key in page
    assert "One moment" in _said(page)
    for path in ("/settings", "/settings/receivers/segment"):
        assert key not in pages.get(path).text


def test_what_the_page_does_not_ask_for_stays(hearing: Hearing, pages: Pages) -> None:
    extra = TOML.replace(
        'path = "day.jsonl"', 'path = "day.jsonl"\nencoding = "cp1252"\n[sources.day.columns]\ntext = "body"'
    )
    (hearing.root / "gehoor.toml").write_text(extra, encoding="utf-8")
    (hearing.root / "day.jsonl").write_text("")
    _send(pages, "/settings/sources/day", path="day.jsonl", follow="yes")
    wanted = {"type": "file", "path": "day.jsonl", "encoding": "cp1252", "columns": {"text": "body"}, "follow": True}
    assert _toml(hearing)["sources"]["day"] == wanted


@pytest.mark.parametrize("path", ["/settings/nothing/new", "/settings/sources/new?kind=fax", "/settings/brands/nobody"])
def test_what_cannot_be_set_is_not_found(pages: Pages, path: str) -> None:
    assert pages.get(path).status_code == 404


def test_another_site_cannot_change_anything(hearing: Hearing, pages: Pages) -> None:
    form = {"digest": _digest(pages), "name": "Evil"}
    answer = pages.post("/settings/workspace", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert _file(hearing) == TOML
