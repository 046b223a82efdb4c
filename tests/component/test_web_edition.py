"""What leaves the mirror's page and comes to it: paper, PDF, mail, calendars; each form, and what it refuses."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import DAY_US, StillClock
from gehoor.core.edition import Edition
from gehoor.core.message import Message
from gehoor.core.mirror_reader import day_number
from gehoor.core.outbox import Entry, entries
from gehoor.core.store import put
from gehoor.core.tables import mirror as tables
from gehoor.web.app import app_of
from gehoor.web.settings_form import Form
from gehoor.web.settings_mirror import mirror_values
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.mirrored import full_edition

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

Pages = TestClient[Litestar]
HERE = {"Origin": "http://localhost"}
SENDERS = """
[senders.board]
type = "mail"
host = "localhost"
sender = "mirror@example.org"
to = ["board@example.org", "chair@example.org"]

[senders.hook]
type = "webhook"
url = "https://example.org/hook"
secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
"""
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1@example.org
SUMMARY:Kassa, over tassen
DTSTART;TZID=Europe/Amsterdam:20260411T191500
DTEND;TZID=Europe/Amsterdam:20260411T201500
CATEGORIES:broadcast
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", BRANDS + SENDERS)
    yield hearing
    hearing.close()


@pytest.fixture
def pages(hearing: Hearing) -> Iterator[Pages]:
    site = hearing.site(Deciding(hearing), StillClock(NOON + DAY_US))
    with TestClient(app_of(site), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def keep(hearing: Hearing, edition: Edition) -> None:
    with hearing.projector.engine.begin() as tx:
        put(
            tx, tables.edition, brand=edition.brand, period=edition.period, day=day_number(edition.last_day),
            made_at=edition.made_at, data=msgspec.json.encode(edition),
        )  # fmt: skip


def _outbox(hearing: Hearing) -> list[Entry]:
    with hearing.projector.engine.connect() as tx:
        return entries(tx)


def _moments(hearing: Hearing) -> list[str]:
    with hearing.projector.engine.connect() as tx:
        return [row.name for row in tx.execute(sa.select(tables.moment.c.name))]


def test_paper_has_no_form_and_no_script_and_all_of_the_answer(hearing: Hearing, pages: Pages) -> None:
    keep(hearing, full_edition())
    html = pages.get("/mirror/paper").text
    assert "Everybody looks. Who stays?" in html
    assert re.findall(r"<form|<script|<button| style=", html) == []
    assert '<link rel="stylesheet" href="/mirror/paper.css?' in html
    style = pages.get("/mirror/paper.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert 'url("/static/vendor/figtree-latin.woff2")' in style.text


def test_pdf_is_one(hearing: Hearing, pages: Pages) -> None:
    pytest.importorskip("weasyprint")
    keep(hearing, full_edition())
    found = pages.get("/mirror/paper.pdf")
    assert found.content[:5] == b"%PDF-"
    assert _n_pages(found.content) == 2, "what and why with what to do, then depth; what opens on a screen is not on it"
    assert 'filename="mirror-day-2026-04-13.pdf"' in found.headers["Content-Disposition"]


def _n_pages(pdf: bytes) -> int:
    packed = (zlib.decompressobj().decompress(pdf[at.end() :]) for at in re.finditer(rb"/ObjStm.*?stream\n", pdf, re.S))
    return sum(len(re.findall(rb"/Type /Page\b", part)) for part in packed)


def test_there_is_no_paper_of_an_edition_that_is_not_there(pages: Pages) -> None:
    assert pages.get("/mirror/paper").status_code == 404
    assert pages.get("/mirror/paper.pdf").status_code == 404


def test_page_says_who_would_get_it_and_sends_to_nobody_by_itself(hearing: Hearing, pages: Pages) -> None:
    keep(hearing, full_edition())
    html = pages.get("/mirror").text
    assert "board@example.org, chair@example.org" in html
    assert 'name="to.hook"' not in html
    assert _outbox(hearing) == []


def test_edition_goes_once_to_who_is_ticked(hearing: Hearing, pages: Pages) -> None:
    keep(hearing, full_edition())
    form = {"period": "day", "brand": "", "day": "2026-04-13", "to.board": "yes"}
    first = pages.post("/mirror/send", data=form, headers=HERE).text
    again = pages.post("/mirror/send", data=form, headers=HERE).text
    assert "The mirror goes round: board." in first
    assert "This edition was sent before to board." in again
    (entry,) = _outbox(hearing)
    assert (entry.key, entry.channel) == ("mirror::day:2026-04-13:board", "board")
    message = msgspec.json.decode(entry.payload, type=Message)
    assert message.title == "Iedereen kijkt. Wie blijft?"  # in the language of the workspace, not of who presses
    assert "BINDEN" in message.text
    assert message.html is not None and "<svg" not in message.html and "<img" not in message.html


@pytest.mark.parametrize("ticked", [{}, {"to.hook": "yes"}, {"to.nobody": "yes"}])
def test_nobody_ticked_or_no_mail_is_refused(hearing: Hearing, pages: Pages, ticked: dict[str, str]) -> None:
    keep(hearing, full_edition())
    pages.post("/mirror/send", data={"day": "2026-04-13", **ticked}, headers=HERE)
    assert _outbox(hearing) == []


def test_edition_of_a_day_that_goes_on_stays_here(hearing: Hearing, pages: Pages) -> None:
    keep(hearing, msgspec.structs.replace(full_edition(), is_over=False))
    assert "This day is not over." in pages.get("/mirror").text
    pages.post("/mirror/send", data={"day": "2026-04-13", "to.board": "yes"}, headers=HERE)
    assert _outbox(hearing) == []


def test_calendar_is_read_and_read_again_without_doubling(hearing: Hearing, pages: Pages) -> None:
    keep(hearing, full_edition())
    for _ in range(2):
        said = pages.post("/mirror/moments/file", files={"file": ("tv.ics", CALENDAR)}, headers=HERE).text
        assert "Added: 1." in said
    assert _moments(hearing) == ["Kassa, over tassen"]
    assert "Kassa, over tassen" in pages.get("/mirror").text


@pytest.mark.parametrize(
    ("name", "text"), [("x.ics", "rubbish"), ("x.csv", "a,b\n1,2\n"), ("x.csv", "name,since\nx,gisteren\n"), ("", "")]
)
def test_file_that_is_no_calendar_is_refused_in_plain_words(
    hearing: Hearing, pages: Pages, name: str, text: str
) -> None:
    keep(hearing, full_edition())
    said = pages.post("/mirror/moments/file", files={"file": (name, text)}, headers=HERE).text
    assert "We cannot read that file." in said
    assert _moments(hearing) == []


def test_file_that_is_too_large_is_not_taken_in(hearing: Hearing, pages: Pages) -> None:
    found = pages.post("/mirror/moments/file", files={"file": ("x.csv", b"x" * 2_100_000)}, headers=HERE)
    assert found.status_code == 413


def test_what_was_told_is_taken_away_and_put_back(hearing: Hearing, pages: Pages) -> None:
    keep(hearing, full_edition())
    told = {"name": "Storing <b>", "kind": "outage", "since": "2026-04-12T08:00", "until": "2026-04-12T10:30"}
    pages.post("/mirror/moments", data=told, headers=HERE)
    html = pages.get("/mirror").text
    assert "Storing &lt;b&gt;" in html
    id_ = re.search(r'name="id" value="(\d+)"', html)
    assert id_ is not None
    gone = pages.post("/mirror/moments/drop", data={"id": id_[1]}, headers=HERE).text
    assert _moments(hearing) == []
    back = dict(re.findall(r'<input type="hidden" name="(name|kind|since|until|brand)" value="([^"]*)"', gone))
    assert back["since"] == "2026-04-12T08:00"
    pages.post("/mirror/moments", data=back | {"name": told["name"]}, headers=HERE)
    assert _moments(hearing) == ["Storing <b>"]


def test_renewal_is_taken_away_and_put_back(hearing: Hearing, pages: Pages) -> None:
    keep(hearing, full_edition())
    pages.post("/mirror/renewals", data={"name": "Maandkaart", "kind": "offer", "day": "2026-04-01"}, headers=HERE)
    html = pages.get("/mirror").text
    id_ = re.search(r'action="/mirror/renewals/drop"><input type="hidden" name="id" value="(\d+)"', html)
    assert id_ is not None
    gone = pages.post("/mirror/renewals/drop", data={"id": id_[1]}, headers=HERE).text
    assert 'name="day" value="2026-04-01"' in gone


@pytest.mark.parametrize("what", ["moments", "renewals"])
def test_what_is_not_there_cannot_be_taken_away(hearing: Hearing, pages: Pages, what: str) -> None:
    keep(hearing, full_edition())
    for id_ in ("7", "x", ""):
        said = pages.post(f"/mirror/{what}/drop", data={"id": id_}, headers=HERE).text
        assert "not possible any more" in said or "gone" in said


def test_settings_switch_the_round_on_and_refuse_what_nobody_can_read(hearing: Hearing) -> None:
    form = Form(group="mirror", values={"to.board": "yes", "to.hook": "yes", "period.day": "yes", "at": "07:15"})
    assert mirror_values(form, hearing.settings) == {
        "to": ["board"], "periods": ["day"], "at": "07:15", "name": None, "logo": None, "accent": None,
        "calendars": None,
    }  # fmt: skip
    assert form.errors == {}
    (hearing.root / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    good = Form(group="mirror", values={"logo": "logo.svg", "accent": "#1f46a6"})
    assert (mirror_values(good, hearing.settings)["logo"], good.errors) == ("logo.svg", {})
    wrong = Form(group="mirror", values={"logo": "../../etc/passwd.png", "accent": "#ffd700", "at": "7 uur"})
    mirror_values(wrong, hearing.settings)
    assert set(wrong.errors) == {"logo", "accent", "at"}


def test_advice_becomes_a_task_that_can_be_taken_back(hearing: Hearing, pages: Pages) -> None:
    keep(hearing, full_edition())
    advice = full_edition().advice[0]
    with hearing.projector.engine.begin() as tx:
        row = {"id": advice.id, "brand": "", "day": 1, "data": msgspec.json.encode(advice), "state": "given",
               "state_day": 1, "said_by": ""}  # fmt: skip
        tx.execute(sa.insert(tables.advice).values(row))
    path = re.search(r'action="(/mirror/advice/[^"]+)"', pages.get("/mirror").text)
    assert path is not None
    said = pages.post(path[1], data={"state": "task", "before": "given"}, headers=HERE).text
    assert f'<form method="post" action="{path[1]}"><input type="hidden" name="state" value="given">' in said
