"""Sends mail: alerts now, answers later. One message to all of its addresses, with the key as its Message-ID."""

import asyncio
import hashlib
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Annotated, ClassVar, Literal

import msgspec

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.message import Delivery, Message
from gehoor.core.secret import secret_of

__all__ = ["MailSender", "SmtpOptions", "letter_of"]

_TIMEOUT_S = 20.0
_LONG_S = 300.0


class SmtpOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[senders.<name>]` of type `mail`.

    Attributes
    ----------
    host, port : str, int
        The mail server that takes our mail: 587 with `starttls`, 465 with `tls`.
    security : str
        `starttls`, `tls`, or `none` (only on a line that nobody else can hear).
    user, password : str, optional
        The password as `$NAME` is read from the environment.
    sender : str
        The address that it comes from.
    to : list of str
        Who is told.
    """

    argument: ClassVar[str] = "to"

    host: Annotated[str, msgspec.Meta(min_length=1)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None
    sender: str
    to: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class MailSender:
    """Hands mail to an SMTP server; says `unknown` when the line breaks after the letter and before the answer.

    Parameters
    ----------
    name : str
        As in `gehoor.toml`.
    options : SmtpOptions
        Checked already.
    clock : Clock
        Unused: a message brings its own moment.
    """

    Options = SmtpOptions
    takes_key = False

    def __init__(self, name: str, options: SmtpOptions, clock: Clock) -> None:
        del clock
        self.name, self._options = name, options

    async def send(self, message: Message, key: str) -> Delivery:
        """Send one letter; see `listen.base.Sender`."""
        letter = letter_of(message, key, self._options)
        return await asyncio.to_thread(self._hand_over, letter)

    def _hand_over(self, letter: EmailMessage) -> Delivery:
        options = self._options
        try:
            with self._connected() as server:
                if options.user is not None:
                    server.login(options.user, secret_of(options.password) or "")
                return self._letter(server, letter)
        except smtplib.SMTPAuthenticationError as error:
            raise TransientError(
                f"{options.host} refuses our password for {options.user}: check it.", _LONG_S
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise SettingError(f"{options.host} cannot do that: {error}. Choose another `security`.") from error
        except ssl.SSLError as error:
            raise TransientError(f"{options.host} shows a certificate that is not right: {error}.", _LONG_S) from error
        except (OSError, smtplib.SMTPException) as error:
            raise TransientError(f"{options.host} does not take our mail now: {error}.") from error

    def _connected(self) -> smtplib.SMTP:
        options, context = self._options, ssl.create_default_context()
        if options.security == "tls":
            return smtplib.SMTP_SSL(options.host, options.port, timeout=_TIMEOUT_S, context=context)
        server = smtplib.SMTP(options.host, options.port, timeout=_TIMEOUT_S)
        if options.security == "starttls":
            server.starttls(context=context)
        return server

    def _letter(self, server: smtplib.SMTP, letter: EmailMessage) -> Delivery:
        """Hand over the letter itself: from here on a broken line leaves us in doubt."""
        server.ehlo_or_helo_if_needed()
        _accepted(server.mail(self._options.sender), "the sender")
        refused = [address for address in self._options.to if server.rcpt(parseaddr(address)[1])[0] >= 300]
        if len(refused) == len(self._options.to):
            server.rset()
            raise SettingError(f"{self._options.host} refuses every address: {', '.join(refused)}.")
        try:
            code, said = server.data(letter.as_bytes())
        except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
            return Delivery(state="unknown", receipt=f"The line broke before the answer ({error}).")
        _accepted((code, said), "the letter")
        note = f"; refused: {', '.join(refused)}" if refused else ""
        return Delivery(receipt=f"{code} {said.decode(errors='replace')}{note}")


def _accepted(reply: tuple[int, bytes], what: str) -> None:
    code, said = reply
    words = f"The server refuses {what}: {code} {said.decode(errors='replace')}"
    if 400 <= code < 500:
        raise TransientError(words)
    if code >= 500:
        raise SettingError(words)


def letter_of(message: Message, key: str, options: SmtpOptions) -> EmailMessage:
    """Return the mail: text and HTML, marked as made by a machine so that nothing answers it by itself (RFC 3834)."""
    letter = EmailMessage()
    letter["Subject"] = " ".join(message.title.split())
    letter["From"], letter["To"] = options.sender, ", ".join(options.to)
    letter["Date"] = format_datetime(datetime.fromtimestamp(message.at // SECOND_US, UTC))
    name = hashlib.blake2b(f"{options.sender} {key}".encode(), digest_size=16).hexdigest()
    letter["Message-ID"] = f"<{name}@{_domain(options)}>"
    if message.story is not None:
        thread = hashlib.blake2b(f"{options.sender} {message.story}".encode(), digest_size=16).hexdigest()
        letter["References"] = f"<{thread}@{_domain(options)}>"  # of no letter: it is what makes a thread of them
    if message.level == 3:
        letter["Importance"] = "high"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text)
    if message.html is not None:
        letter.add_alternative(message.html, subtype="html")
    return letter


def _domain(options: SmtpOptions) -> str:
    return parseaddr(options.sender)[1].rpartition("@")[2] or "localhost"
