"""Turns a mail into an activity: what a person wrote is a `Create`, what a machine sent a `Track`."""

import hashlib
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from typing import Any

import msgspec

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, RawPage
from gehoor.core.record import Activity
from gehoor.listen.lines import MAX_RAW, given, refuse
from gehoor.listen.mail_header import Address, Headers, addresses, message_ids, moment
from gehoor.listen.mail_machine import Machine, machine_of
from gehoor.listen.mail_parts import Body, body_of
from gehoor.listen.mail_quote import new_words

__all__ = ["MailDecoder"]

_KNOWN = (
    "from", "to", "cc", "subject", "date", "message-id", "received", "return-path", "mime-version", "content-type",
    "delivered-to", "reply-to", "sender",
)  # fmt: skip
_USUAL_DEPTH = 10
_MOST_STEPS = 2_000_000
_START = 1 << 15
_MOST_NAMED = 50
_LATE_US, _EARLY_US = 7 * DAY_US, 3_600 * SECOND_US
# the standard library's parser and writer let these through on odd input; what a mail does to them costs that mail only
_BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)


class MailDecoder:
    """Read one mail (RFC 5322, MIME); a page is a mail.

    It is known by its Message-ID, else by the digest of its bytes. `text` is what is new in it: of its plain part, else
    of its markup; the mail that it quotes at its end stands in `properties`, as do the subject, who it went to and what
    is attached: name, type, size and digest. The first mail of a conversation has its subject above its text. Its actor
    is the address in From; in the name of our own form it is the one in Reply-To.

    What a machine sent is a `Track`, `internal`, and so nobody's words: bounces, receipts, out-of-office notes,
    newsletters. Its `event` says which, and `in_reply_to` which mail of ours it is about.

    A Date is believed from a week before the mail came in to an hour after; else the moment that it came in counts.

    Options of a page: `ours`, addresses and `@domains` whose mail is `out` (unless it failed the checks of our own
    server); `arrived`, microseconds UTC; `folder`; `size`, of a mail of which this is the start; `unread`, why the
    server could not hand it over.

    Notes
    -----
    Cost: 0.3 ms a mail, 0.5 s a mail of 27 MB.

    Examples
    --------
    >>> raw = b"From: An <an@elders.example>\\nMessage-ID: <1@elders.example>\\nSubject: Koffer\\n\\nWaar is hij?"
    >>> page = RawPage(source="desk", decoder="mail", received=0, payload=raw)
    >>> mail = MailDecoder().decode(page).activities[0]
    >>> mail.id, mail.actor, mail.text
    ('<1@elders.example>', 'an@elders.example', 'Koffer\\n\\nWaar is hij?')
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return the activity of a mail, or why there is none."""
        raw = page.payload
        try:
            activity = _activity(page)
        except RejectedRecord as error:
            return Decoded(activities=[], rejects=[refuse(page, 0, error.reason, raw)])
        except _BROKEN as error:
            kind = "it is nested too deeply" if isinstance(error, RecursionError) else type(error).__name__
            return Decoded(activities=[], rejects=[refuse(page, 0, f"the mail cannot be read ({kind})", raw)])
        return Decoded(activities=[activity], raws=[raw[:MAX_RAW]])


def _activity(page: RawPage) -> Activity:
    if page.options.get("unread"):
        raise RejectedRecord(str(page.options["unread"])[:500])
    raw = page.payload
    depth = max(1, raw.lower().count(b"multipart/") - _USUAL_DEPTH)
    is_maze = depth * raw.count(b"\n") > _MOST_STEPS  # reading a line costs a step for each part around it
    message = BytesParser(policy=policy.compat32).parsebytes(raw[:_START] if is_maze else raw)
    headers = Headers(message.raw_items())
    if not any(name in headers for name in _KNOWN):
        raise RejectedRecord("this is no mail: it begins with no header of one")
    letter = _Letter(page, headers, message)
    body = body_of(message)
    body.is_cut |= is_maze or "size" in page.options
    machine = machine_of(message, headers)
    if machine is not None and machine.event == "Automatic Mail Received" and letter.by_form is not None:
        machine = None  # a program of ours sent it, and a person filled it in
    return letter.activity(body, machine)


class _Letter:
    """One mail on its way to its record."""

    def __init__(self, page: RawPage, headers: Headers, message: Message) -> None:
        self._page, self._headers = page, headers
        self._id = next(iter(message_ids(headers.raw("message-id"))), None) or _digest_id(page.payload)
        self._type = message.get_content_type()
        self._ours = tuple(page.options.get("ours") or ())

    def activity(self, body: Body, machine: Machine | None) -> Activity:
        said, quoted = new_words(body.text)
        before = self._before()
        subject = self._headers.words("subject")
        writer, direction = self._writer()
        wrote = writer.address if writer and (machine is None or machine.event != "Email Bounced") else None
        actor = machine.person if machine and machine.person else wrote
        fields: dict[str, Any] = given(self._page, "mail") | {
            "id": self._id,
            "published": self._published(),
            "direction": "internal" if machine else direction,
            "visibility": "direct",
            "actor": actor,
            "actor_name": writer.name if writer and actor == writer.address else None,
            "text": _joined(subject, said, is_first=not before),
            "html": body.html,
            "in_reply_to": (machine and machine.about) or (before[-1] if before else None),
            "conversation": before[0] if before else (machine and machine.about) or self._id,
            "properties": _json(self._properties(body, subject, quoted, machine)),
        }
        if machine is not None:
            fields |= {"type": "Track", "event": machine.event}
        return Activity(**fields)

    def _before(self) -> list[str]:
        """Return what it answers, the first mail first; a mail that names itself answers nothing by that."""
        chain = message_ids(self._headers.raw("references"))[:200]
        answered = message_ids(self._headers.raw("in-reply-to"))[:1]
        chain = [one for one in chain if one not in answered] + answered
        return [one for one in chain if one != self._id]

    def _writer(self) -> tuple[Address | None, str]:
        """Return who wrote it, and whether that is one of us."""
        headers = self._headers
        found = addresses(headers.raw("from"), 1) or addresses(headers.raw("sender"), 1)
        writer = found[0] if found else None
        if writer is None or not self._is_ours(writer.address):
            return writer, "in"
        if self.by_form is not None:
            return self.by_form, "in"
        return (writer, "in") if self._is_forged() else (writer, "out")

    @property
    def by_form(self) -> Address | None:
        """Who filled in a form of ours, which writes in their name; None: it is no form."""
        headers = self._headers
        if not any(self._is_ours(one.address) for one in addresses(headers.raw("from"), 1)):
            return None
        theirs = (one for one in addresses(headers.raw("reply-to"), 3) if not self._is_ours(one.address))
        return next(theirs, None)

    def _is_ours(self, address: str) -> bool:
        return any(address.endswith(own) if own.startswith("@") else address == own for own in self._ours)

    def _is_forged(self) -> bool:
        """Tell whether our own mail server says that it came from elsewhere (RFC 8601)."""
        said = self._headers.raw("authentication-results").lower()[:4_000]
        failed = "dmarc=fail" in said or ("spf=fail" in said and "dkim=pass" not in said)
        return failed and "dmarc=pass" not in said

    def _published(self) -> int | None:
        headers, arrived = self._headers, self._page.options.get("arrived")
        stamped = moment(headers.raw("received").rpartition(";")[2])  # the topmost: our own server's
        arrived = stamped if stamped is not None else arrived
        written = moment(headers.raw("date"))
        if written is None or arrived is None:
            return written if written is not None else arrived
        return written if arrived - _LATE_US <= written <= arrived + _EARLY_US else arrived

    def _properties(self, body: Body, subject: str | None, quoted: str, machine: Machine | None) -> dict[str, Any]:
        headers = self._headers
        named = {name: addresses(headers.raw(name), _MOST_NAMED) for name in ("to", "cc", "reply-to")}
        known: dict[str, Any] = {
            "subject": subject,
            **{name.replace("-", "_"): [one.address for one in people] for name, people in named.items()},
            "n_recipients": _n_people(headers) if len(named["to"]) + len(named["cc"]) >= _MOST_NAMED else None,
            "list": headers.words("list-id", 200),
            "from": headers.words("from", 200) if machine else None,
            "date": headers.words("date", 100),
            "folder": self._page.options.get("folder"),
            "quoted": quoted[:20_000],
            "attachments": body.attachments,
            "encrypted": body.encrypted,
            "is_cut": body.is_cut or None,
            "size": self._page.options.get("size") or len(self._page.payload),
        }
        return {name: value for name, value in known.items() if value not in (None, "", [])}


def _n_people(headers: Headers) -> int:
    return sum(headers.raw(name).count("@") for name in ("to", "cc"))


def _joined(subject: str | None, said: str, *, is_first: bool) -> str | None:
    """Return what is said, below what it is about where that is said for the first time."""
    if not said.strip():
        return subject
    if not subject or not is_first or said.startswith(subject):
        return said
    return f"{subject}\n\n{said}"


def _digest_id(raw: bytes) -> str:
    return "blake2:" + hashlib.blake2b(raw, digest_size=16).hexdigest()


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()
