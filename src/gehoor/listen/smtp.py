"""Sends mail: alerts now, answers later. One message to all of its addresses, with the key as its Message-ID."""

import asyncio
import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Annotated, ClassVar

import msgspec

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.message import Delivery, Message
from gehoor.listen.smtp_line import SmtpLogin, hand_over, wire_of

__all__ = ["MailSender", "SmtpOptions", "letter_of"]


class SmtpOptions(SmtpLogin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[senders.<name>]` of type `mail`; the way to the server as `SmtpLogin` has it.

    Attributes
    ----------
    sender : str
        The address that it comes from.
    to : list of str
        Who is told.
    """

    argument: ClassVar[str] = "to"

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
        options = self._options
        letter = wire_of(letter_of(message, key, options))
        return await asyncio.to_thread(hand_over, options, letter, options.sender, options.to)


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
