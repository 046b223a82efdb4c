"""The team: who may log in, and as what."""

import sys
from typing import Annotated, Any

import typer

from gehoor.cli.terminal import AsJson, Place, cell, moment, print_json, print_table, reading, say, workspace_of
from gehoor.core.errors import SettingError
from gehoor.core.member import ROLES
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings, load
from gehoor.core.team import Login, TeamReader
from gehoor.run.offline import ask

__all__ = ["add", "list_team", "reset", "role"]

_Mail = Annotated[str, typer.Argument(metavar="MAIL", help="The mail address that they log in with.")]
_Roles = Annotated[list[str], typer.Option("--role", help=f"{', '.join(ROLES)}; may be given more than once.")]
_Typed = Annotated[
    bool, typer.Option("--password-stdin", help="Read a password from the first line of stdin, instead of a link.")
]

_WRONG = {
    "short": "A password has at least 10 characters.",
    "long": "A password has at most 256 characters.",
    "common": "Somebody would guess this password soon: take a few words that have nothing to do with each other.",
    "own": "This password is a name that others know: take something else.",
}


def _logins(settings: Settings) -> list[Login]:
    reader = Reader(settings.root)
    try:
        with reading():
            team = TeamReader(reader)
            return team.logins() if team.is_there() else []
    finally:
        reader.close()


def _found(settings: Settings, mail: str) -> Login:
    known = mail.strip().lower()
    login = next((login for login in _logins(settings) if login.member.mail == known), None)
    if login is None:
        raise SettingError(f"Nobody of the team has the mail address {mail!r}. See who there is: gehoor team list")
    return login


def _ask(settings: Settings, act: str, **arguments: Any) -> Any:
    with reading():
        return ask(settings.root, "team", act=act, arguments=arguments)


def _checked(roles: list[str]) -> list[str]:
    wrong = [role for role in roles if role not in ROLES]
    if wrong:
        raise SettingError(f"There is no role {wrong[0]!r}. Known: {', '.join(ROLES)}.")
    return roles


def _password(name: str, mail: str, *, is_piped: bool) -> str:
    """Return a password, hashed: from a pipe, or typed twice."""
    from gehoor.core.password import hash_password, password_trouble  # 30 ms, for who needs it

    if is_piped:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("A password for them", hide_input=True, confirmation_prompt=True, err=True)
    trouble = password_trouble(password, name, mail)
    if trouble:
        raise SettingError(_WRONG[trouble])
    return hash_password(password)


def _say_link(settings: Settings, name: str, token: str) -> None:
    web = settings.web
    base = (web.public_url or f"http://{web.host}:{web.port}").rstrip("/")
    say(f"{cell(name)} chooses a password here; the link works once, for three days:")
    typer.echo(f"{base}/join/{token}")


def add(
    name: Annotated[str, typer.Argument(help="What they are called.")],
    mail: _Mail,
    *,
    roles: _Roles,
    team: Annotated[str | None, typer.Option(help="Whose conversations are theirs.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="What they answer in, such as nl.")] = None,
    password_stdin: _Typed = False,
    workspace: Place = None,
) -> None:
    """Add somebody to the team. The first must be an admin, and is asked for a password; others get a link."""
    settings = load(workspace_of(workspace))
    is_first = not _logins(settings)
    password = _password(name, mail, is_piped=password_stdin) if is_first or password_stdin else None
    wanted = {"name": name, "mail": mail, "roles": _checked(roles), "team": team, "languages": language or []}
    added = _ask(settings, "add", **wanted, password=password)
    if added["link"]:
        _say_link(settings, name, added["link"])
    else:
        say(f"{cell(name)} can log in. From now on everybody logs in, on this computer too.")


def list_team(*, workspace: Place = None, as_json: AsJson = False) -> None:
    """List the team: who they are, their roles, and whether they can log in."""
    settings = load(workspace_of(workspace))
    logins = _logins(settings)
    zone = settings.workspace.timezone
    if as_json:
        for login in logins:
            print_json(
                {"member": login.member, "has_password": login.password is not None, "has_code": bool(login.totp)}
            )
        return
    if not logins:
        say("Nobody yet: no login is asked, and only this computer reaches the pages.")
        return
    columns = {"name": "short", "mail": "short", "roles": "short", "team": "short", "state": "short", "since": "narrow"}
    rows = [
        (one.member.name, one.member.mail, " ".join(one.member.roles), one.member.team or "-", _state(one),
         moment(one.member.since, zone)[:10])
        for one in logins
    ]  # fmt: skip
    print_table(columns, rows)  # type: ignore[arg-type]  # they are the widths that it knows


def _state(login: Login) -> str:
    if not login.member.is_active:
        return "gone"
    return "waits for a password" if login.password is None else "with a code" if login.totp else "logs in"


def role(mail: _Mail, *, roles: _Roles, workspace: Place = None) -> None:
    """Say what somebody may do: these roles, instead of what they had."""
    settings = load(workspace_of(workspace))
    member = _found(settings, mail).member
    _ask(settings, "change", id=member.id, roles=_checked(roles))
    say(f"{cell(member.name)} is {', '.join(roles)} now.")


def reset(mail: _Mail, *, password_stdin: _Typed = False, workspace: Place = None) -> None:
    """Log somebody out everywhere, and let them choose a new password by a link. Also for who lost a phone."""
    settings = load(workspace_of(workspace))
    member = _found(settings, mail).member
    password = _password(member.name, member.mail, is_piped=True) if password_stdin else None
    token = _ask(settings, "reset", id=member.id)
    if password:
        _ask(settings, "password", id=member.id, password=password, link=token)
        say(f"{cell(member.name)} logs in with the new password.")
    else:
        _say_link(settings, member.name, token)
