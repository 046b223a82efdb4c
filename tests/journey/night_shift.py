"""A gehoor that runs through a night: real mail, a real Mastodon-like server, and a clock that may be put forward."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from gehoor.core.clock import SECOND_US, ReplayClock, SystemClock
from gehoor.core.member import Role
from gehoor.core.password import hash_password
from gehoor.core.settings import load
from gehoor.run.control import Control
from gehoor.run.local import WebProcess
from gehoor.run.owner import Owner
from gehoor.web.app import serve
from tests.component.dovecot import PASSWORD as MAIL_PASSWORD
from tests.component.dovecot import Dovecot
from tests.component.mastodon import ADA, GRACE, Fediverse
from tests.component.post_office import Postbox, post_office
from tests.component.whole import wait_for

__all__ = ["PASSWORD", "NightShift"]

PASSWORD = "vier paarden in de sloot"
WRITE_KEY = "sleutel"
_TOML = """
[workspace]
name = "Noordvlucht"

[web]
port = {port}
public_url = "http://127.0.0.1:{port}"

[brands.noordvlucht]
terms = ["noordvlucht"]

[sources.mail]
type = "mail"
host = "127.0.0.1"
port = {imap}
security = "none"
user = "desk"
password = "{password}"
ours = ["@noordvlucht.example"]
every_s = 1

[sources.fedi]
type = "mastodon"
server = "{fedi}"
token = "{token}"
timelines = ["notifications"]
every_s = 1
allow_private = true

[receivers.shop]
type = "segment"
write_key = "{key}"

[repliers.mail]
type = "mail-reply"
host = "127.0.0.1"
port = {smtp}
security = "none"
sender = "Noordvlucht <help@noordvlucht.example>"

[repliers.fedi]
type = "mastodon-reply"
server = "{fedi}"
token = "{token}"
allow_private = true

[desk]
assigns = true
approves = true
surveys = ["mail"]
policies = [{{ name = "all", first_reply = 60, next_reply = 30 }}]

[[roster.shifts]]
who = ["Sanne Kok"]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
hours = ["00:00-24:00"]
holidays = "too"
"""


def _wait(work: Coroutine[Any, Any, Any]) -> Any:
    """Wait for something in a thread of its own: a browser's loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


class _Forward:
    """A clock that runs, and may be put forward; all processes see that. A replay sends nothing."""

    def __init__(self) -> None:
        self._past = ReplayClock(SystemClock().now(), 1.0)

    def now(self) -> int:
        """Return microseconds UTC."""
        return self._past.now()

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self._past.reach(self.now() + round(seconds * SECOND_US))


class NightShift:
    """The servers, and the gehoor beside them; `with` starts them all and leaves none running."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.postbox, self.dovecot, self.fedi = Postbox(), Dovecot(), Fediverse()
        self._open = ExitStack()
        self.clock = _Forward()

    def __enter__(self) -> Self:
        try:
            self._open.enter_context(self.dovecot)
            self._open.enter_context(self.fedi)
            self._start(self._open.enter_context(post_office(self.postbox)))
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _start(self, smtp: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as trial:
            port: int = trial.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.root.mkdir()
        text = _TOML.format(
            port=port, imap=self.dovecot.port, password=MAIL_PASSWORD, fedi=self.fedi.url, token=ADA, key=WRITE_KEY,
            smtp=smtp,
        )  # fmt: skip
        (self.root / "gehoor.toml").write_text(text, encoding="utf-8")
        settings = load(self.root)
        web = WebProcess(serve, settings, self.clock)
        self._open.callback(lambda: _wait(web.stop()))
        owner = Owner(settings, self.clock, beside=web.start)
        thread = threading.Thread(target=lambda: asyncio.run(owner.run()), daemon=True)
        thread.start()
        self._open.callback(thread.join, 30)
        self._open.callback(owner.stop)
        wait_for("the pages are there", self._is_up)

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/login", trust_env=False).status_code < 400
        except httpx.TransportError:
            return False

    # -- what happens -------------------------------------------------------------------------------------------------

    def joins(self, name: str, role: Role, mail: str) -> None:
        """Let somebody join the team."""
        who = {"name": name, "mail": mail, "roles": [role], "password": hash_password(PASSWORD), "languages": ["nl"]}
        _wait(Control(self.root).call("team", act="add", arguments=who))

    def orders(self, mail: str, order: str) -> None:
        """Let somebody order in the shop, logged in; they named their account on Mastodon there."""
        account = self.fedi.call("GET", "accounts/verify_credentials", GRACE)
        traits = {"email": mail, "accounts": {"mastodon": account.get("uri") or account["url"]}}
        bought = {"order_id": order, "total": 318, "currency": "EUR"}
        batch = [
            {"type": "identify", "userId": "4711", "messageId": "i1", "traits": traits},
            {"type": "track", "userId": "4711", "messageId": "t1", "event": "Order Completed", "properties": bought},
        ]
        answer = httpx.post(f"{self.url}/v1/batch", json={"batch": batch}, auth=(WRITE_KEY, ""), trust_env=False)
        assert answer.is_success, answer.text

    def mails(self, sender: str, subject: str, text: str) -> None:
        """Let a mail arrive."""
        head = f"From: Grace <{sender}>\r\nTo: help@noordvlucht.example\r\nMessage-ID: <1@elders.example>\r\n"
        self.dovecot.deliver(f"{head}Subject: {subject}\r\n\r\n{text}\r\n".encode())

    def answers_to(self, number: str) -> list[str]:
        """Return what our account said below a post there."""
        thread = self.fedi.call("GET", f"statuses/{number}/context", ADA)
        return [one["content"] for one in thread["descendants"] if one["account"]["acct"].startswith("ada")]
