"""Logging in and out: who is let in, who waits, and what ends a session."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pyotp
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import DAY_US, SECOND_US, StillClock
from gehoor.core.throttle import LONGEST_S
from gehoor.web.app import app_of
from tests.cast import LOYAL, NOON
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.teaming import PASSWORD, Team

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

ORIGIN = {"Origin": "http://localhost"}
NEW = "een nieuwe fiets zonder bel"
Pages = TestClient[Litestar]


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", BRANDS)
    hearing.hear([LOYAL.says("Zonnebloemzaad")])
    yield hearing
    hearing.close()


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOON)


@pytest.fixture
def owner(hearing: Hearing, clock: StillClock) -> Deciding:
    owner = Deciding(hearing)
    owner.clock = clock
    return owner


@pytest.fixture
def team(owner: Deciding) -> Team:
    return Team(owner)


@pytest.fixture
def pages(hearing: Hearing, owner: Deciding, clock: StillClock) -> Iterator[Pages]:
    with TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as client:
        client.headers.update(ORIGIN)
        client.headers["Accept-Language"] = "en"
        yield client


@pytest.fixture
def elsewhere(hearing: Hearing, owner: Deciding, clock: StillClock) -> Iterator[Pages]:
    with TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as client:
        client.headers.update(ORIGIN)
        yield client


def _log_in(pages: Pages, password: str = PASSWORD, mail: str = "ada@acme.example", **more: str) -> int:
    return pages.post("/login", data={"mail": mail, "password": password, **more}, follow_redirects=False).status_code


def _is_in(pages: Pages) -> bool:
    return pages.get("/posts", follow_redirects=False).status_code == 200


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_a_workspace_of_ones_own_asks_nothing_and_says_so(pages: Pages) -> None:
    page = pages.get("/posts")
    assert "No login: only this computer gets in." in _text(page.text)
    assert pages.get("/login", follow_redirects=False).headers["location"] == "/"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_who_comes_through_a_proxy_is_refused_while_nobody_can_log_in(pages: Pages, header: str) -> None:
    answer = pages.get("/posts", headers={header: "203.0.113.7"})
    assert answer.status_code == 403
    assert "gehoor team add" in answer.text
    assert "Zonnebloemzaad" not in answer.text


def test_the_first_of_the_team_is_admin_and_from_then_on_everybody_logs_in(pages: Pages, elsewhere: Pages) -> None:
    form = {"name": "Ada", "mail": "Ada@acme.example", "password": PASSWORD}
    page = pages.post("/team", data=form)
    assert page.status_code == 200
    assert "Ada" in page.text
    assert _is_in(pages)
    assert not _is_in(elsewhere)
    assert _log_in(elsewhere, mail=" ADA@acme.example") == 303
    assert _is_in(elsewhere)


def test_the_first_chooses_a_password_that_is_one(pages: Pages) -> None:
    page = pages.post("/team", data={"name": "Ada", "mail": "ada@acme.example", "password": "Welkom2026!"})
    assert page.status_code == 400
    assert "guess this soon" in page.text
    assert _is_in(pages)


def test_logging_in_goes_on_to_where_somebody_was_going(team: Team, pages: Pages) -> None:
    sent = pages.get("/people", follow_redirects=False)
    assert sent.headers["location"] == "/login?next=%2Fpeople"
    form = {"mail": team.admin.mail, "password": PASSWORD, "next": "/people"}
    assert pages.post("/login", data=form, follow_redirects=False).headers["location"] == "/people"


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "/logout"])
def test_logging_in_leads_nowhere_else(team: Team, pages: Pages, onward: str) -> None:
    form = {"mail": team.admin.mail, "password": PASSWORD, "next": onward}
    assert pages.post("/login", data=form, follow_redirects=False).headers["location"] == "/"


def test_a_wrong_password_says_the_same_as_nobody(team: Team, pages: Pages) -> None:
    wrong = pages.post("/login", data={"mail": team.admin.mail, "password": "iets heel anders"})
    nobody = pages.post("/login", data={"mail": "bob@acme.example", "password": "iets heel anders"})
    assert (wrong.status_code, nobody.status_code) == (401, 401)
    assert wrong.text.replace(team.admin.mail, "") == nobody.text.replace("bob@acme.example", "")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(team: Team, pages: Pages) -> None:
    _log_in(pages)
    cookie = pages.post("/login", data={"mail": team.admin.mail, "password": PASSWORD}, follow_redirects=False).headers[
        "set-cookie"
    ]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_attempts_in_vain_wait_longer_and_longer_but_never_long(team: Team, pages: Pages, clock: StillClock) -> None:
    statuses = [_log_in(pages, "verkeerd geraden") for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    waits = []
    for _ in range(12):
        answer = pages.post("/login", data={"mail": team.admin.mail, "password": PASSWORD + "x"})
        waits.append(float(answer.headers.get("retry-after", 0)))
        clock.advance(waits[-1] + 1)
        _log_in(pages, "verkeerd geraden")
    assert max(waits) <= LONGEST_S
    assert waits == sorted(waits)
    clock.advance(LONGEST_S)
    assert _log_in(pages) == 303


def test_a_stranger_who_keeps_trying_does_not_keep_a_member_out(team: Team, pages: Pages, elsewhere: Pages) -> None:
    assert _log_in(pages) == 303  # this browser is known from now on
    pages.post("/logout")
    assert not _is_in(pages)
    for _ in range(40):
        _log_in(elsewhere, "verkeerd geraden")
    assert _log_in(elsewhere) == 429
    assert _log_in(pages) == 303


def test_logging_out_ends_the_session_itself(team: Team, pages: Pages, elsewhere: Pages) -> None:
    _log_in(pages)
    elsewhere.cookies.set("session", pages.cookies["session"])
    assert _is_in(elsewhere)
    pages.post("/logout")
    assert not _is_in(elsewhere)


@pytest.mark.parametrize(("every_h", "n", "is_in"), [(11.5, 4, True), (12.5, 1, False), (11.5, 15, False)])
def test_a_session_ends_after_twelve_hours_of_nothing_and_after_a_week(
    team: Team, pages: Pages, clock: StillClock, every_h: float, n: int, *, is_in: bool
) -> None:
    _log_in(pages)
    for _ in range(n):
        clock.advance(every_h * 3600)
        now = _is_in(pages)
    assert now == is_in


def test_a_new_password_ends_every_session_but_this_one(team: Team, pages: Pages, elsewhere: Pages) -> None:
    _log_in(pages)
    _log_in(elsewhere)
    form = {"old": PASSWORD, "password": NEW, "again": NEW}
    assert pages.post("/me/password", data=form).url.path == "/me"
    assert _is_in(pages)
    assert not _is_in(elsewhere)
    assert _log_in(elsewhere) == 401
    assert _log_in(elsewhere, NEW) == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"old": "niet het mijne", "password": NEW, "again": NEW}, "not your password"),
        ({"old": PASSWORD, "password": NEW, "again": NEW + "!"}, "not the same"),
        ({"old": PASSWORD, "password": "kort", "again": "kort"}, "shorter than ten"),
        ({"old": PASSWORD, "password": "ada@acme.example", "again": "ada@acme.example"}, "a name that others know"),
    ],
)
def test_a_password_is_changed_for_a_good_one_by_who_knows_it(
    team: Team, pages: Pages, form: dict[str, str], said: str
) -> None:
    _log_in(pages)
    page = pages.post("/me/password", data=form)
    assert page.status_code == 400
    assert said in page.text
    pages.post("/logout")
    assert _log_in(pages) == 303


def _secret(pages: Pages) -> tuple[str, str]:
    page = pages.post("/me/totp").text
    secret, ticket = re.search(r'class="key">(\w+)<', page), re.search(r'name="ticket" value="(\w+)"', page)
    assert secret and ticket and "<svg" in page
    return secret[1], ticket[1]


def _code(secret: str, clock: StillClock) -> str:
    return pyotp.TOTP(secret).at(clock.now() // SECOND_US)


def test_a_code_is_asked_once_it_is_set_and_each_works_once(team: Team, pages: Pages, clock: StillClock) -> None:
    _log_in(pages)
    secret, ticket = _secret(pages)
    assert "not right" in pages.post("/me/totp/on", data={"ticket": ticket, "code": "000000"}).text
    codes = re.findall(
        r"<li><code>(.+?)</code>", pages.post("/me/totp/on", data={"ticket": ticket, "code": _code(secret, clock)}).text
    )
    assert len(codes) == 10
    pages.post("/logout")
    clock.advance(60)

    def asked() -> str:
        page = pages.post("/login", data={"mail": team.admin.mail, "password": PASSWORD}).text
        found = re.search(r'name="ticket" value="(\w+)"', page)
        assert found
        return found[1]

    code = _code(secret, clock)
    assert not _is_in(pages)
    for given, status in ((code, 303), (code, 401), (codes[0], 303), (codes[0], 401), (codes[1].upper(), 303)):
        form = {"ticket": asked(), "code": given}
        assert pages.post("/login/code", data=form, follow_redirects=False).status_code == status
    late = asked()
    clock.advance(301)
    form = {"ticket": late, "code": _code(secret, clock)}
    assert "more than five minutes" in pages.post("/login/code", data=form).text


def test_the_secret_of_a_code_stands_sealed(team: Team, pages: Pages, hearing: Hearing, clock: StillClock) -> None:
    _log_in(pages)
    secret, ticket = _secret(pages)
    pages.post("/me/totp/on", data={"ticket": ticket, "code": _code(secret, clock)})
    login = team.reader.login(team.admin.id)
    assert login is not None and login.totp is not None
    assert secret.encode() not in b"".join(path.read_bytes() for path in hearing.root.glob("ledger.sqlite*"))


def _link(page: str) -> str:
    found = re.search(r"/join/([\w-]+)", page)
    assert found
    return f"/join/{found[1]}"


def test_somebody_new_gets_in_by_a_link_that_works_once(team: Team, pages: Pages, elsewhere: Pages) -> None:
    _log_in(pages)
    form = {"name": "Bob", "mail": "bob@acme.example", "role.agent": "yes", "languages": "nl, EN"}
    link = _link(pages.post("/team", data=form).text)
    assert elsewhere.get(link).status_code == 200
    assert elsewhere.post(link, data={"password": "kort", "again": "kort"}).status_code == 400
    assert elsewhere.post(link, data={"password": NEW, "again": NEW}).status_code == 200
    assert _is_in(elsewhere)
    assert elsewhere.get("/team").status_code == 403
    assert elsewhere.get(link).status_code == 404
    bob = next(member for member in team.reader.members() if member.name == "Bob")
    assert (bob.roles, bob.languages) == (("agent",), ("nl", "en"))


def test_a_link_is_over_after_three_days(team: Team, pages: Pages, elsewhere: Pages, clock: StillClock) -> None:
    _log_in(pages)
    form = {"name": "Bob", "mail": "bob@acme.example", "role.agent": "yes"}
    link = _link(pages.post("/team", data=form).text)
    clock.advance(3 * DAY_US / SECOND_US)
    assert elsewhere.post(link, data={"password": NEW, "again": NEW}).status_code == 404


def test_who_is_taken_out_of_the_team_is_out_at_once(team: Team, pages: Pages, elsewhere: Pages) -> None:
    bob = team.add("Bob", ("agent",))
    _log_in(pages)
    _log_in(elsewhere, mail=bob.mail)
    assert _is_in(elsewhere)
    pages.post(f"/team/{bob.id}", data={"do": "end"})
    assert not _is_in(elsewhere)
    assert _log_in(elsewhere, mail=bob.mail) == 401
    pages.post(f"/team/{bob.id}", data={"do": "again"})
    assert _log_in(elsewhere, mail=bob.mail) == 303


def test_a_reset_logs_out_everywhere_and_ends_the_old_password(team: Team, pages: Pages, elsewhere: Pages) -> None:
    bob = team.add("Bob", ("agent",))
    _log_in(pages)
    _log_in(elsewhere, mail=bob.mail)
    link = _link(pages.post(f"/team/{bob.id}/reset").text)
    assert not _is_in(elsewhere)
    assert _log_in(elsewhere, mail=bob.mail) == 401
    assert elsewhere.post(link, data={"password": NEW, "again": NEW}).status_code == 200
    assert _log_in(elsewhere, NEW, bob.mail) == 303


@pytest.mark.parametrize("form", [{"do": "end"}, {"name": "Ada", "role.agent": "yes"}])
def test_the_last_admin_stays(team: Team, pages: Pages, form: dict[str, str]) -> None:
    _log_in(pages)
    assert pages.post(f"/team/{team.admin.id}", data=form).status_code == 400
    assert team.member(team.admin.id).roles == ("admin",)


def _bearer(page: str) -> dict[str, str]:
    found = re.search(r"gehoor_[\w-]+", page)
    assert found
    return {"Authorization": f"Bearer {found[0]}"}


def test_a_token_does_what_it_was_given_and_no_more(
    team: Team, pages: Pages, elsewhere: Pages, clock: StillClock
) -> None:
    _log_in(pages)
    page = pages.post("/me/tokens", data={"name": "dashboard", "right.see.posts": "yes", "days": "30"}).text
    bearer = _bearer(page)
    assert "Zonnebloemzaad" in elsewhere.get("/posts", headers=bearer).text
    for path in ("/people", "/settings", "/team", "/me"):
        assert elsewhere.get(path, headers=bearer).status_code == 403
    assert elsewhere.get("/posts", headers={"Authorization": "Bearer gehoor_x"}).status_code == 401
    clock.advance(30 * 86_400 + 1)
    assert elsewhere.get("/posts", headers=bearer).status_code == 401


def test_a_token_that_asks_too_often_is_told_so(team: Team, pages: Pages, elsewhere: Pages) -> None:
    _log_in(pages)
    page = pages.post("/me/tokens", data={"name": "loop", "right.correct": "yes", "days": "30"}).text
    bearer = _bearer(page)
    statuses = [elsewhere.get("/people", headers=bearer).status_code for _ in range(605)]
    assert (statuses[0], statuses[-1]) == (403, 429)


def test_a_token_that_was_taken_away_is_refused(team: Team, pages: Pages, elsewhere: Pages) -> None:
    _log_in(pages)
    page = pages.post("/me/tokens", data={"name": "dashboard", "right.see.posts": "yes", "days": "30"}).text
    bearer = _bearer(page)
    digest = team.reader.tokens(team.admin.id)[0].digest.hex()
    pages.post("/me/tokens/drop", data={"token": digest})
    assert elsewhere.get("/posts", headers=bearer).status_code == 401


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_decides_nothing_in_the_name_of_who_is_in(
    team: Team, pages: Pages, headers: dict[str, str]
) -> None:
    _log_in(pages)
    assert pages.post("/me/tokens", data={"name": "x"}, headers=headers).status_code == 403


def test_a_change_that_does_not_say_where_it_comes_from_is_refused(team: Team, pages: Pages) -> None:
    _log_in(pages)
    del pages.headers["Origin"]
    assert pages.post("/me/tokens", data={"name": "x"}).status_code == 403
    assert pages.post("/me/tokens", data={"name": "x"}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 400


def test_the_log_says_who_did_what_by_name(team: Team, pages: Pages) -> None:
    _log_in(pages)
    pages.post("/team", data={"name": "Bob", "mail": "bob@acme.example", "role.agent": "yes"})
    lines = _text(pages.get("/audit").text)
    assert "Ada added somebody to the team Bob" in lines
    assert "Ada logged in Ada" in lines


def test_what_may_not_be_opened_is_not_offered(team: Team, pages: Pages) -> None:
    bob = team.add("Bob", ("agent",))
    _log_in(pages, mail=bob.mail)
    page = pages.get("/posts").text
    assert 'href="/people"' in page
    assert 'href="/settings"' not in page
    refused = pages.get("/settings")
    assert refused.status_code == 403
    assert "This is not yours to do." in refused.text


def test_what_a_member_decides_carries_their_name(team: Team, pages: Pages) -> None:
    _log_in(pages)
    pages.post("/posts/1/correct", data={"column": "sentiment", "value": "neutral"})
    assert "Ada corrected a judgement" in _text(pages.get("/audit").text)
