"""The whole matrix of role x address, cell by cell, against what is written here; and strangers, who see nothing."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from litestar import Litestar

from gehoor.core.clock import StillClock
from gehoor.core.member import ROLES
from gehoor.run.control import Control
from gehoor.web.app import app_of
from gehoor.web.doors import DOORS
from gehoor.web.receive import receiver_paths
from tests.cast import CRITIC, LOYAL, NOON, WORRIED
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.rights_table import EXPECTED
from tests.component.teaming import HOST, Answered, Team, asked

RECEIVER = '[receivers.app]\ntype = "segment"\nwrite_key = "key-of-the-app"\n'
SECRET = "Zonnebloemzaad"
FILLED = {
    "conversation": "1",
    "case": "1",
    "advice": "1",
    "seq": "1",
    "name": "p0000000000000001",
    "table": "workspace",
    "group": "brands",
    "token": "x",
    "member": "0a",
}


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path_factory.mktemp("rights") / "workspace", BRANDS + RECEIVER)
    said = [CRITIC.says(f"{SECRET} is kwijt"), WORRIED.says(f"Waar is mijn {SECRET}"), LOYAL.says(f"{SECRET} gevonden")]
    hearing.hear(said)
    yield hearing
    hearing.close()


@pytest.fixture(scope="module")
def team(hearing: Hearing) -> Team:
    return Team(Deciding(hearing))


@pytest.fixture(scope="module")
def app(hearing: Hearing) -> Litestar:
    # the owner is away: what is let through is refused later, by somebody else, and nothing changes
    return app_of(hearing.site(Control(hearing.root), StillClock(NOON)))


def _expected() -> dict[str, set[str]]:
    """Return who may open each address."""
    lines = [(line.strip(), who) for who, text in EXPECTED.items() for line in text.strip().splitlines()]
    assert len(lines) == len({line for line, _ in lines})
    return {line: set(who.split()) for line, who in lines}


def _routes(app: Litestar) -> set[str]:
    """Return every address that the application knows, the doors of receivers apart: they know whom they take."""
    receivers = receiver_paths(app.state.site)
    return {
        f"{method} {route.path_format}"
        for route in app.routes
        for method in getattr(route, "methods", ())
        if method != "OPTIONS" and route.path_format not in receivers
    }


def test_every_address_asks_a_right_and_no_right_is_asked_for_nothing(app: Litestar) -> None:
    assert _routes(app) == set(DOORS)


def test_this_table_names_every_address(app: Litestar) -> None:
    assert _expected().keys() == _routes(app)


def test_every_cell_of_role_and_address_is_as_written(app: Litestar, team: Team) -> None:
    headers: dict[str, dict[str, str]] = {role: team.cookie(one) for role, one in team.one_of_each().items()}
    headers["stranger"] = {}

    async def cells() -> dict[tuple[str, str], str]:
        found = {}
        for address in sorted(_routes(app)):
            method, _, template = address.partition(" ")
            path = re.sub(r"\{(\w+)\}", lambda part: FILLED.get(part[1], "base.css"), template)
            for who, theirs in headers.items():
                found[address, who] = _verdict(await asked(app, method, path, theirs), who)
        return found

    found = asyncio.run(cells())
    expected = {
        (address, who): "opens" if who in allowed else "login" if who == "stranger" else "refused"
        for address, allowed in _expected().items()
        for who in (*ROLES, "stranger")
    }
    assert {cell: (found[cell], expected[cell]) for cell in expected if found[cell] != expected[cell]} == {}
    assert len(found) == len(expected) == len(_routes(app)) * (len(ROLES) + 1)


def _verdict(answer: Answered, who: str) -> str:
    if who == "stranger" and answer.status == 303 and answer.headers["location"].partition("?")[0] == "/login":
        return "login"
    if who == "stranger" and "www-authenticate" in answer.headers:  # a program is told so
        return "login"
    return "refused" if answer.status == 403 else "opens"


def test_no_page_offers_a_form_that_its_reader_may_not_send(app: Litestar, team: Team) -> None:
    wanted = {f"POST {re.sub(r'{[^}]+}', '[^/]+', path[5:])}": path for path in DOORS if path.startswith("POST")}

    async def offered() -> list[tuple[str, str, str]]:
        found = []
        for role in ("agent", "analyst"):
            headers = team.cookie(team.add(f"lezer-{role}", (role,)))
            for page in (
                "/",
                "/inbox",
                "/inbox/2",
                "/posts",
                "/stories",
                "/alerts",
                "/people",
                "/segments",
                "/quality",
            ):
                body = (await asked(app, "GET", page, headers, whole=True)).body.decode()
                for action in set(re.findall(r'method="post" action="(/[^"?]*)', body)):
                    doors = [door for sample, door in wanted.items() if re.fullmatch(sample[5:], action)]
                    if doors and all(role not in _expected()[door] for door in doors):
                        found.append((role, page, action))
        return found

    assert asyncio.run(offered()) == []


def test_everything_opens_to_who_sits_here_while_nobody_logs_in(tmp_path: Path) -> None:
    hearing = Hearing(tmp_path / "alone", BRANDS)
    alone = app_of(hearing.site(Control(hearing.root), StillClock(NOON)))

    async def statuses() -> list[int]:
        paths = [line[4:] for line in _expected() if line.startswith("GET") and "{" not in line]
        return [(await asked(alone, "GET", path, {})).status for path in paths]

    assert not {401, 403} & set(asyncio.run(statuses()))
    hearing.close()


def test_an_address_that_says_nothing_opens_for_nobody(
    app: Litestar, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = team.cookie(team.admin)
    assert asyncio.run(asked(app, "GET", "/posts", admin)).status == 200
    monkeypatch.delitem(DOORS, "GET /posts")
    assert asyncio.run(asked(app, "GET", "/posts", admin)).status == 403


@pytest.mark.parametrize("n", [2_000, pytest.param(10_000, marks=pytest.mark.proof)])
def test_a_stranger_sees_no_row_however_often_they_ask(app: Litestar, team: Team, n: int) -> None:
    seen = asyncio.run(asked(app, "GET", "/posts", team.cookie(team.admin), whole=True))
    assert seen.body.count(SECRET.encode()) >= 3  # there is something to see
    draw = np.random.default_rng(20261122)

    async def tries() -> list[Answered]:
        return [await asked(app, *_request(draw, team), whole=True) for _ in range(n)]

    answers = asyncio.run(tries())
    marks = [mark.encode() for mark in (SECRET, CRITIC.name, LOYAL.name, WORRIED.name, team.admin.mail)]
    assert [answer for answer in answers if any(mark in answer.body for mark in marks)] == []
    assert not [answer for answer in answers if answer.status >= 500 and answer.status != 503]


_WORDS = (
    "1", "-1", "0", "p0000000000000001", "ffffffffffffffff", "..", "%2e%2e", "%00", "\x00", "'", "<script>",
    "ledger.sqlite", "base.css", "brands", "1.json", "x" * 300, "é", "*",
)  # fmt: skip


def _request(draw: np.random.Generator, team: Team) -> tuple[str, str, dict[str, str]]:
    """Return any request of somebody who has no session: addresses that are, that nearly are, and that are not."""
    method, _, template = _one(draw, sorted(DOORS)).partition(" ")
    if draw.random() < 0.2:
        method = _one(draw, ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
    path = re.sub(r"\{\w+\}", lambda _: _one(draw, _WORDS), template)
    path += _one(draw, ["", "", "/", "/..", "//", "%2f", ";a", "/.."]) if draw.random() < 0.3 else ""
    path = path.replace("/login", "/v1/batch") if draw.random() < 0.1 else path
    if draw.random() < 0.4:
        query = [
            f"{_one(draw, ['words', 'seq', 'source', 'lang', 'next', 'id'])}={_one(draw, _WORDS)}" for _ in range(2)
        ]
        path += "?" + "&".join(query).replace("<", "%3C").replace("é", "%C3%A9")
    headers = {name: value for name, value in _lies(draw, team).items() if draw.random() < 0.25}
    return method, path, headers


def _lies(draw: np.random.Generator, team: Team) -> dict[str, str]:
    """Return what somebody may say of themselves without being it."""
    id_ = team.admin.id
    tokens = ["", "x", id_, f"token-of-{id_}x", "a" * 5_000, f"token-of-{id_[:-1]}", "\x00", "null", "' OR 1=1 --"]
    return {
        "cookie": f"{_one(draw, ['session', 'Session', '__Host-session', 'known', 'token'])}={_one(draw, tokens)}",
        "authorization": f"{_one(draw, ['Bearer', 'bearer', 'Basic'])} {_one(draw, [*tokens, 'gehoor_x'])}",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-user": "admin",
        "x-original-url": "/posts",
        "x-http-method-override": "GET",
        "hx-request": "true",
        "accept": _one(draw, ["*/*", "application/json", "text/event-stream", ""]),
        "host": _one(draw, [HOST, "127.0.0.1", "evil.example", "[::1]", ""]),
        "origin": _one(draw, ["null", "http://evil.example", f"http://{HOST}"]),
    }


def _one(draw: np.random.Generator, words: object) -> str:
    choices = list(words)  # type: ignore[call-overload]  # any list of words
    return str(choices[int(draw.integers(len(choices)))])
