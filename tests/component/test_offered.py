"""What pages offer: every link and button leads where its reader may go, whoever they are."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape

import msgspec
import pytest
from litestar import Litestar

from gehoor.core.alert import Alert, write_alert
from gehoor.core.clock import StillClock
from gehoor.core.member import ROLES, Member, Role
from gehoor.web.app import app_of
from gehoor.web.doors import DOORS, Door, opens_for
from tests.cast import HOPPER, NOON
from tests.component.awaiting import DESK, asks, said
from tests.component.customers import activities
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.settling import Settling
from tests.component.teaming import Team, asked

_ALERT = Alert(
    id="noordvlucht/complaint/1776160000", brand="noordvlucht", measure="complaint", level=3, n=612, expected=21.0,
    began_at=NOON - 14_400_000_000, detected_at=NOON - 14_160_000_000, probability=0.99, channels={"mail": 612},
    peak_per_minute=31.0, normal_per_minute=0.4,
)  # fmt: skip
_FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
_LINK = re.compile(r'\b(href|hx-get|hx-post|formaction|action)="(/[^"]*)"')
_LOCKED = re.compile(r"<fieldset[^>]+ disabled>")
_LOOKS = 2
"""Pages of one kind that a reader opens: the second of a kind offers what the first did."""


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Litestar, Team]]:
    """A shop with customers, people who wait, seven with one complaint, an alert, and somebody of each role."""
    hearing = Hearing(tmp_path_factory.mktemp("offered") / "workspace", DESK)
    many = [HOPPER.says("@noordvlucht Waar blijft mijn geld?", id=f"m{at}", after_s=at - 900) for at in range(7)]
    hearing.hear([*asks(), *(msgspec.structs.replace(one, actor=f"p{at}") for at, one in enumerate(many))])
    hearing.hear(activities())
    with hearing.projector.engine.begin() as tx:
        rows = "SELECT seq, 7 FROM conversation_post WHERE direction = 'in' AND seq BETWEEN 3 AND 9"
        tx.exec_driver_sql(f"INSERT OR REPLACE INTO topic_post {rows}")
        tx.exec_driver_sql("INSERT OR REPLACE INTO topic VALUES (7, 'geld', 'nl', 3, 1, 2, 7, 7.0, NULL, NULL)")
        write_alert(tx, _ALERT)
    owner = Deciding(hearing)
    said(owner, "label", conversation=1, add=["spoed"], remove=[])
    yield app_of(hearing.site(Settling(hearing), StillClock(NOON))), Team(owner)
    hearing.close()


@pytest.mark.parametrize("role", ROLES)
def test_no_page_offers_its_reader_what_they_may_not_do(team: tuple[Litestar, Team], role: Role) -> None:
    app, people = team
    member = people.add(f"lezer-{role}", (role,), "baggage")
    refused, seen = asyncio.run(_walk(app, member, people.cookie(member)))
    assert refused == set()
    assert len(seen) > 12, seen


async def _walk(app: Litestar, member: Member, headers: dict[str, str]) -> tuple[set[tuple[str, str]], Counter[str]]:
    """Follow what pages offer; return what was offered in vain, with the page, and how often each kind was seen."""
    refused, seen = set[tuple[str, str]](), Counter[str]()
    known, waiting = {"/"}, ["/"]
    while waiting:
        page = waiting.pop(0)
        answer = await asked(app, "GET", page, headers, whole=True)
        assert answer.status in (200, 303, 404), (page, answer.status)
        for method, path in _offers(answer.body.decode("utf-8", "replace")):
            address, door = _door(method, path.partition("?")[0])
            if address and not opens_for(door, member):
                refused.add((_door("GET", page.partition("?")[0])[0], address))
            elif address.startswith("GET") and path not in known and seen[address] < _LOOKS:
                known.add(path)
                seen[address] += 1
                waiting += [path] if _is_page(address) else []
    return refused, seen


def _is_page(address: str) -> bool:
    return not any(part in address for part in ("/static/", "/live", "openapi", "paper"))


def _offers(html: str) -> set[tuple[str, str]]:
    """Return what a page lets its reader ask: methods and addresses."""
    found = {("GET", unescape(path)) for name, path in _LINK.findall(_FORM.sub("", html)) if name != "hx-post"}
    forms = [form for form in _FORM.findall(html) if "<fieldset" not in form or not _LOCKED.search(form)]
    for form in [*forms, *re.findall(r"<(?!form)[^>]+hx-post[^>]+>", html)]:
        is_sent = 'method="post"' in form.partition(">")[0]
        for name, path in _LINK.findall(form):
            reads = name in ("href", "hx-get") or (name in ("action", "formaction") and not is_sent)
            found.add(("GET" if reads else "POST", unescape(path)))
    return found


def _door(method: str, path: str) -> tuple[str, Door | None]:
    """Return the address that a path is of, and its door; ("", None) where it is none of ours."""
    fits = [
        one for one in DOORS if one.startswith(f"{method} ")
        and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(one[len(method) + 1 :])), path.rstrip("/") or "/")
    ]  # fmt: skip
    best = min(fits, key=lambda one: one.count("{"), default="")
    return best, DOORS.get(best)
