"""Answers by mail: over SMTP, in the conversation, and kept in the folder of sent mail, as mail programs do."""

import asyncio
import hashlib
import re
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parseaddr

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.message import Delivery
from gehoor.core.reply import Able, Reply
from gehoor.listen.imap import Mailbox
from gehoor.listen.mail_header import Headers
from gehoor.listen.mail_machine import is_nobody, machine_of
from gehoor.listen.mail_options import ImapLogin
from gehoor.listen.smtp_line import SmtpLogin, hand_over, knock, wire_of

__all__ = ["MailReplier", "MailReplyOptions", "answer_of"]

_DRAFT, _SEEN = b"\\Draft", b"\\Seen"
_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,400}>")
_RE = re.compile(r"\s*(re|antw|aw|sv|ref?)\s*:\s*", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MOST_BEFORE = 20


class MailReplyOptions(SmtpLogin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[repliers.<name>]` with `type = "mail-reply"`; the way to the server as `SmtpLogin` has it.

    Attributes
    ----------
    sender : str
        The address that answers, with a name: `Acme <help@acme.example>`.
    mailbox : table, optional
        How we get into the mailbox of that address, with the settings of a source `mail`: `host`, `user`, `password`.
        Answers are kept there, and after a crash it tells whether an answer left. Without it a person must decide.
    sent : str, optional
        The folder of sent mail, where the server does not say which it is.
    """

    sender: str
    mailbox: ImapLogin | None = None
    sent: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if "@" not in parseaddr(self.sender)[1] or not self.sender.isprintable():
            raise ValueError("sender must be a mail address, such as Acme <help@acme.example>")

    @property
    def address(self) -> str:
        """The bare address that answers."""
        return parseaddr(self.sender)[1]


class MailReplier:
    """Mail answers as one address.

    An answer is put in the folder of sent mail as a draft before it is handed over, and is a draft no more once the
    server took it. So after a crash: not there, it never left; there, it was sent; still a draft, nobody can tell.

    Parameters
    ----------
    name : str
        As in `gehoor.toml`.
    options : MailReplyOptions
        Checked already.
    clock : Clock
        Unused: an answer brings its own moment.
    """

    Options = MailReplyOptions
    channel = "mail"
    most: int | None = None
    takes_key = False

    def __init__(self, name: str, options: MailReplyOptions, clock: Clock) -> None:
        del clock
        self.name, self._options = name, options

    def length(self, text: str) -> int:
        """Return how many characters a text takes: a mail may be of any length."""
        return len(text)

    async def reply(self, reply: Reply, key: str) -> Delivery:
        """Send an answer; see `listen.base.Replier`."""
        letter = answer_of(reply, key, self._options.sender)
        return await asyncio.to_thread(self._send, letter, reply.to)

    def _send(self, letter: EmailMessage, answered: str) -> Delivery:
        options, raw, number = self._options, wire_of(letter), str(letter["Message-ID"])
        if options.mailbox is None:
            delivery = hand_over(options, raw, options.sender, [str(letter["To"])])
        else:
            delivery = self._kept(options.mailbox, letter, raw, answered)
        return Delivery(state=delivery.state, receipt=delivery.receipt, id=number)

    def _kept(self, login: ImapLogin, letter: EmailMessage, raw: bytes, answered: str) -> Delivery:
        """Hand a letter over, with the draft that tells afterwards how far we came."""
        number, to = str(letter["Message-ID"]), [str(letter["To"])]
        box = Mailbox(login)
        try:
            box.open()
            _check_person(box, answered)
            folder = self._folder(box)
            known = box.find(folder, number).values()
            if any(_DRAFT not in flags for flags in known):
                return Delivery(receipt="It was sent before: it stands in the folder of sent mail.")
            if not known:
                box.keep(folder, raw, [_DRAFT, _SEEN])
            try:
                delivery = hand_over(self._options, raw, self._options.sender, to)
            except (TransientError, SettingError):
                box.drop(list(box.find(folder, number)))
                raise
            if delivery.state == "sent":
                delivery = _noted(box, folder, number, delivery)
            return delivery
        finally:
            box.cut()

    def _folder(self, box: Mailbox) -> str:
        folder = self._options.sent or box.sent_folder()
        if folder is None:
            raise SettingError(f"{self.name}: the mailbox has no folder of sent mail. Say which it is, with sent = ...")
        return folder

    async def find(self, reply: Reply, key: str) -> Delivery | None:
        """Look an answer up in the folder of sent mail; see `listen.base.Replier`."""
        number = _number(key, self._options.address)
        if self._options.mailbox is None:
            return Delivery(state="unknown", receipt="No mailbox is set for this replier, so nobody can look it up.")
        return await asyncio.to_thread(self._found, self._options.mailbox, number)

    def _found(self, login: ImapLogin, number: str) -> Delivery | None:
        box = Mailbox(login)
        try:
            box.open()
            flags = box.find(self._folder(box), number).values()
        finally:
            box.cut()
        if not flags:
            return None
        if all(_DRAFT in one for one in flags):
            return Delivery(state="unknown", receipt="It stands in the folder of sent mail as a draft.", id=number)
        return Delivery(receipt="It stands in the folder of sent mail.", id=number)

    async def check(self) -> Able:
        """Log in at both servers, and send nothing; see `listen.base.Replier`."""
        await asyncio.to_thread(self._check)
        return Able(account=self._options.address)

    def _check(self) -> None:
        knock(self._options)
        if self._options.mailbox is not None:
            box = Mailbox(self._options.mailbox)
            try:
                box.open()
                box.stamp(self._folder(box))
            finally:
                box.cut()


def _check_person(box: Mailbox, answered: str) -> None:
    """Refuse to answer a machine, for it may answer in its turn (RFC 3834); what is not in the mailbox passes."""
    head = box.head("INBOX", answered) if _ID.fullmatch(answered) else None
    if head is None:
        return
    message = BytesParser(policy=policy.compat32).parsebytes(head, headersonly=True)
    machine = machine_of(message, Headers(message.raw_items()))
    if machine is not None and machine.event != "Bulk Mail Received":
        raise SettingError("A machine sent that mail: nobody would read an answer.")


def _noted(box: Mailbox, folder: str, number: str, delivery: Delivery) -> Delivery:
    """Make the draft a sent mail; it has left, whatever becomes of that."""
    try:
        box.unmark(list(box.find(folder, number)), _DRAFT)
    except (TransientError, SettingError) as error:
        return Delivery(receipt=f"{delivery.receipt}; not noted in {folder}: {error}")
    return delivery


def answer_of(reply: Reply, key: str, sender: str) -> EmailMessage:
    """Return the mail of an answer: what a person wrote, to one person, in the conversation.

    Nothing that comes from outside begins a line of its own in its headers.

    Raises
    ------
    SettingError
        When nobody reads what is sent there.
    """
    letter = EmailMessage()
    name, address = parseaddr(sender)
    letter["Subject"] = f"Re: {_RE.sub('', _flat(reply.title or ''), count=1)}".strip()
    letter["From"] = _address(_flat(name), address)
    letter["To"] = _recipient(reply)
    letter["Date"] = format_datetime(datetime.fromtimestamp(reply.at // SECOND_US, UTC))
    letter["Message-ID"] = _number(key, address)
    before = [one for one in (*reply.before, reply.to) if _ID.fullmatch(one)]
    if _ID.fullmatch(reply.to):
        letter["In-Reply-To"] = reply.to
    if chain := list(dict.fromkeys(before)):
        letter["References"] = " ".join(chain if len(chain) <= _MOST_BEFORE else [chain[0], *chain[1 - _MOST_BEFORE :]])
    if reply.language and re.fullmatch(r"[a-z]{2,3}", reply.language):
        letter["Content-Language"] = reply.language
    letter.set_content(_UNSEEN.sub("", reply.text), cte="quoted-printable")
    return letter


def _recipient(reply: Reply) -> Address:
    actor = reply.address or reply.to_actor or ""
    if not re.fullmatch(r"[^\s@<>,;:\"()]+@[^\s@<>,;:\"()]+", actor):
        raise SettingError("The message names no mail address of who wrote it: it cannot be answered by mail.")
    if is_nobody(actor):
        raise SettingError(f"Nobody reads what is sent to {actor}: answer in another way.")
    return _address(_flat(reply.to_name or ""), actor)


def _address(name: str, address: str) -> Address:
    box, _, domain = address.rpartition("@")
    try:
        return Address(name, box.encode("ascii").decode(), domain.encode("idna").decode("ascii"))
    except (UnicodeError, ValueError, IndexError, MessageError):
        raise SettingError(f"{address[:100]} is an address that mail servers do not take: check it.") from None


def _flat(words: str) -> str:
    """Return words on one line, without signs that nobody sees."""
    return _UNSEEN.sub("", " ".join(words.split()))[:500]


def _number(key: str, address: str) -> str:
    """Return the Message-ID of an answer: the same for the same key, so that it can be looked up."""
    digest = hashlib.blake2b(f"{address} {key}".encode(), digest_size=16).hexdigest()
    return f"<{digest}@{address.rpartition('@')[2]}>"
