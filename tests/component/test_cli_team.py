"""The team from the command line, and whether gehoor starts where others can reach it."""

from pathlib import Path

import pytest

from gehoor.core.errors import SettingError
from gehoor.core.settings import Web
from gehoor.run.team_door import check_door
from tests.component.commanding import Commanding
from tests.component.keeping import Keeping

PASSWORD = "vier paarden in de sloot\n"
ADA = ("add", "Ada", "ada@acme.example", "--role", "admin", "--password-stdin")
BOB = ("add", "Bob", "bob@acme.example", "--role", "agent", "--role", "lead", "--team", "baggage")


@pytest.fixture
def team(workspace: Path) -> Commanding:
    """A workspace of nobody's yet, at rest."""
    (workspace / "gehoor.toml").write_text("", encoding="utf-8")
    Keeping(workspace).close()
    return Commanding(workspace)


def _team(team: Commanding, *words: str, code: int = 0, answer: str | None = None) -> str:
    done = team.do("team", *words, "-w", team.root, code=code, answer=answer)
    return done.stdout + done.stderr


def test_the_first_has_a_password_and_others_get_a_link(team: Commanding) -> None:
    assert "no login is asked" in _team(team, "list")
    assert "must be an admin" in _team(team, *BOB, "--password-stdin", code=2, answer=PASSWORD)
    assert "everybody logs in" in _team(team, *ADA, answer=PASSWORD)
    assert "/join/" in _team(team, *BOB)
    assert "in the team already" in _team(team, *BOB, code=2)
    listed = _team(team, "list")
    assert "Ada\tada@acme.example\tadmin\t-\tlogs in" in listed
    assert "Bob\tbob@acme.example\tagent lead\tbaggage\twaits for a password" in listed


@pytest.mark.parametrize(("password", "said"), [("kort\n", "at least 10"), ("Welkom2026!\n", "guess this password")])
def test_a_password_that_others_guess_is_refused(team: Commanding, password: str, said: str) -> None:
    assert said in _team(team, *ADA, code=2, answer=password)


def test_roles_are_given_and_the_last_admin_stays(team: Commanding) -> None:
    _team(team, *ADA, answer=PASSWORD)
    _team(team, *BOB)
    assert "Somebody must stay who is admin" in _team(team, "role", "ada@acme.example", "--role", "agent", code=2)
    assert "Bob is analyst now" in _team(team, "role", "BOB@acme.example", "--role", "analyst")
    assert "There is no role 'boss'" in _team(team, "role", "bob@acme.example", "--role", "boss", code=2)
    assert "Nobody of the team" in _team(team, "role", "eve@acme.example", "--role", "agent", code=2)


def test_who_lost_a_password_gets_a_link_or_another_password(team: Commanding) -> None:
    _team(team, *ADA, answer=PASSWORD)
    assert "/join/" in _team(team, "reset", "ada@acme.example")
    assert "waits for a password" in _team(team, "list")
    said = _team(team, "reset", "ada@acme.example", "--password-stdin", answer="een nieuwe fiets zonder bel\n")
    assert "logs in with the new password" in said
    rows = team.do("team", "list", "--json", "-w", team.root).stdout
    assert '"has_password":true' in rows
    assert "argon2" not in rows


@pytest.mark.parametrize(
    ("host", "web"), [("0.0.0.0", Web()), ("192.168.1.20", Web()), ("127.0.0.1", Web(proxy="127.0.0.1"))]
)
def test_gehoor_does_not_start_for_others_before_somebody_can_log_in(team: Commanding, host: str, web: Web) -> None:
    with pytest.raises(SettingError, match="gehoor team add"):
        check_door(team.root, host, web)
    _team(team, *ADA, answer=PASSWORD)
    assert ("without TLS" in check_door(team.root, host, web)) == (web.proxy is None)


def test_serving_others_is_refused_with_what_to_do(team: Commanding) -> None:
    refused = team.do("serve", team.root, "--host", "0.0.0.0", "--port", "18437", code=2)
    assert "nobody can log in yet" in refused.output


def test_a_workspace_of_ones_own_starts_and_says_that_nobody_logs_in(team: Commanding, tmp_path: Path) -> None:
    assert "No login is asked" in check_door(team.root, "127.0.0.1", Web())
    assert "No login is asked" in check_door(tmp_path, "localhost", Web())  # nothing was ever heard there
