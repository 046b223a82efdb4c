"""Sends to chats and phones by apprise: Telegram, Signal, Slack, Teams, Matrix, ntfy, SMS and a hundred more."""

import asyncio
import logging
import re
import threading
from typing import Annotated, Any, ClassVar

import msgspec

from gehoor.core.clock import Clock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.message import Delivery, Message
from gehoor.core.secret import secret_of
from gehoor.listen.egress import resolve

__all__ = ["AppriseOptions", "AppriseSender"]

_NOT_THERE = "Chats and phones need apprise. Install it with: pip install 'gehoor[apprise]'"
_ELSEWHERE = {"json": "webhook", "xml": "webhook", "form": "webhook", "mailto": "mail"}
_LOCAL = ("dbus", "qt", "kde", "glib", "gnome", "macosx", "windows", "syslog", "rsyslog", "growl", "workflow")
_CODE = re.compile(r"error=(\d{3})")
_NOT_TAKEN = re.compile(r"refused|resolve|resolution|ConnectTimeout|NewConnection|unreachable|SSL", re.IGNORECASE)
_LONG_S = 300.0


class AppriseOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[senders.<name>]` of type `apprise`.

    Attributes
    ----------
    url : str
        Where to, as apprise writes it: `tgram://TOKEN/CHAT`, `ntfys://ntfy.example.org/alerts`; one address a sender.
        It holds a secret: as `$NAME` it is read from the environment.
    allow_private : bool
        Allow a server on one's own network.
    """

    argument: ClassVar[str] = "url"

    url: Annotated[str, msgspec.Meta(min_length=1)]
    allow_private: bool = False


class AppriseSender:
    """Hands a message to one address of apprise; says `unknown` when it may have arrived and nobody can tell.

    Redirects are not followed, and a server of one's own choice must have a public address unless `allow_private`.

    Parameters
    ----------
    name : str
        As in `gehoor.toml`.
    options : AppriseOptions
        Checked already.
    clock : Clock
        Unused: a message brings its own moment.
    """

    Options = AppriseOptions
    takes_key = False

    def __init__(self, name: str, options: AppriseOptions, clock: Clock) -> None:
        del clock
        self.name, self._options = name, options

    async def send(self, message: Message, key: str) -> Delivery:
        """Send to the address; see `listen.base.Sender`."""
        del key  # these services know none
        address = await asyncio.to_thread(self._address)  # its import takes a second, the first time
        if any("{host}" in template for template in address.templates):
            await resolve(address.host or "", address.port or 443, allow_private=self._options.allow_private)
        is_taken, said = await asyncio.to_thread(_notify, address, message)
        service = str(address.service_name)
        if is_taken:
            return Delivery(receipt=service)
        if code := _CODE.search(said):
            return _refused(service, int(code[1]))
        if _NOT_TAKEN.search(said):
            raise TransientError(f"{service} cannot be reached now.")
        return Delivery(state="unknown", receipt=f"{service} gave no answer: it may have arrived.")

    def _address(self) -> Any:
        try:
            import apprise
        except ImportError:
            raise SettingError(_NOT_THERE) from None
        url = secret_of(self._options.url) or ""
        scheme = url.partition(":")[0].lower()
        kind = scheme.rstrip("s") if scheme.rstrip("s") in _ELSEWHERE else scheme
        if kind in _ELSEWHERE:
            raise SettingError(f"{scheme}:// is sent by a sender of type {_ELSEWHERE[kind]!r}: use that one.")
        address = None if scheme in _LOCAL else apprise.Apprise.instantiate(url)
        if address is None:
            raise SettingError(f"apprise cannot send to {scheme}://... : see its list of services for how to write it.")
        address.redirects = False
        return address


def _refused(service: str, code: int) -> Delivery:
    if code in (401, 403, 404, 410):
        raise SettingError(f"{service} refuses it ({code}): check the address and the token in it.")
    raise TransientError(f"{service} does not take it now ({code}).", _LONG_S if code == 429 else None)


class _Heard(logging.Handler):
    """Keeps what apprise says in one thread: it tells in its log alone why something was not taken."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._thread = threading.get_ident()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of this thread's."""
        if record.thread == self._thread:
            self.lines.append(record.getMessage())


def _notify(address: Any, message: Message) -> tuple[bool, str]:
    """Return whether it was taken, and what apprise said of it; for our eyes only, since addresses stand in it."""
    logger, heard = logging.getLogger("apprise"), _Heard()
    logger.addHandler(heard)
    try:
        level, kind = logger.level, "failure" if message.level == 3 else "warning" if message.level == 2 else "info"
        logger.setLevel(logging.DEBUG)
        is_taken = bool(address.notify(title=message.title, body=message.text, notify_type=kind))
        logger.setLevel(level)
    finally:
        logger.removeHandler(heard)
    return is_taken, "\n".join(heard.lines)
