"""A team in a workspace of a test, and requests that are looked at as soon as they are answered."""

import asyncio
from typing import Any, NamedTuple

from litestar import Litestar

from gehoor.core.member import ROLES, Member, Role
from gehoor.core.password import hash_password
from gehoor.core.reader import Reader
from gehoor.core.team import TeamReader, digest_of
from gehoor.run.team import act_on_team
from tests.component.deciding import Deciding

__all__ = ["HOST", "PASSWORD", "Answered", "Team", "asked"]

PASSWORD = "vier paarden in de sloot"
HOST = "localhost"
_HASHED = hash_password(PASSWORD)


class Answered(NamedTuple):
    """What an answer began with; `body` only where it was waited for."""

    status: int
    headers: dict[str, str]
    body: bytes


async def asked(app: Litestar, method: str, path: str, headers: dict[str, str], *, whole: bool = False) -> Answered:
    """Ask an application in this process; a stream is left as soon as it begins."""
    raw, _, query = path.partition("?")
    known = {"host": HOST, "origin": f"http://{HOST}", "accept": "text/html"} | headers
    if method == "POST":
        known |= {"content-type": "application/x-www-form-urlencoded", "content-length": "0"}
    lines = [(name.encode(), value.encode("latin-1", "replace")) for name, value in known.items()]
    scope: dict[str, Any] = {
        "type": "http", "method": method, "path": raw, "raw_path": raw.encode("utf-8", "replace"), "scheme": "http",
        "query_string": query.encode(), "headers": lines,
        "client": ("127.0.0.1", 5), "server": (HOST, 80), "http_version": "1.1", "asgi": {"version": "3.0"},
        "root_path": "",
    }  # fmt: skip
    begun, done = asyncio.Event(), asyncio.Event()
    parts: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if parts:
            await done.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        parts.append(message)
        begun.set()
        if message["type"] == "http.response.body" and not message.get("more_body"):
            done.set()

    task = asyncio.ensure_future(app(scope, receive, send))  # type: ignore[arg-type]  # scopes are dictionaries
    waits = asyncio.ensure_future(done.wait() if whole else begun.wait())
    await asyncio.wait([task, waits], return_when=asyncio.FIRST_COMPLETED, timeout=120)
    for one in (task, waits):
        one.cancel()
    await asyncio.gather(task, waits, return_exceptions=True)
    start = parts[0]
    body = b"".join(part.get("body", b"") for part in parts[1:])
    return Answered(start["status"], {n.decode().lower(): v.decode() for n, v in start["headers"]}, body)


class Team:
    """Members of a workspace, each with a session that is open."""

    def __init__(self, owner: Deciding) -> None:
        self._owner = owner
        self.reader = TeamReader(Reader(owner.root))
        self.admin = self.add("Ada", ("admin",))

    def add(self, name: str, roles: tuple[Role, ...], team: str | None = None) -> Member:
        """Add somebody, who chose the password of all tests."""
        mail = f"{name.lower()}@acme.example"
        arguments = {"name": name, "mail": mail, "roles": list(roles), "team": team, "password": _HASHED}
        return self.member(act_on_team(self._owner, "add", arguments)["id"])  # type: ignore[arg-type]  # as in Deciding

    def member(self, id_: str) -> Member:
        """Return somebody as they are now."""
        found = self.reader.member(id_)
        assert found is not None
        return found

    def cookie(self, member: Member) -> dict[str, str]:
        """Open a session; return the header that carries it."""
        token = f"token-of-{member.id}"
        arguments = {"id": member.id, "digest": digest_of(token)}
        assert act_on_team(self._owner, "enter", arguments)  # type: ignore[arg-type]  # as in Deciding
        return {"cookie": f"session={token}"}

    def one_of_each(self) -> dict[Role, Member]:
        """Return a member for each role."""
        return {role: self.add(f"{role}-one", (role,), "baggage") for role in ROLES}
