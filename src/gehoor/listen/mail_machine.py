"""Which mails no person wrote: bounces, receipts, out-of-office notes, newsletters, programs (RFC 3834)."""

import re
from email.message import Message

import msgspec

from gehoor.listen.mail_header import Headers, addresses, message_ids
from gehoor.listen.mail_parts import bytes_of, inner_parts

__all__ = ["Machine", "is_nobody", "machine_of"]

_NOBODY = re.compile(
    r"(no|do[-_.]?not|never|niet)[-_.]?(reply|respond|antwoord\w*|beantwoorden)\b.*|nicht[-_.]?antworten|ne[-_.]?pas[-_.]?repondre"
    r"|mailer-daemon|postmaster|bounces?|bounces?[-+=_].*|.*[-_+.]bounces?|owner-.*|.*-(owner|request|unsubscribe|errors)"
    r"|listserv|majordomo|mailman|daemon|null|devnull"
)
_BOUNCED = re.compile(
    r"(undeliver|delivery (status|failure|has failed|problem)|failure notice|returned mail"
    r"|mail delivery (failed|failure)"
    r"|onbestelbaar|niet bezorgd|unzustellbar|nicht zugestellt|échec de (la )?remise|non remis)",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"(automatic reply|auto[- ]?reply|autoreply|auto(matic)? response|out of (the )?office|automatisch antwoord"
    r"|afwezigheid|afwezig\b|buiten kantoor|abwesenheit|automatische antwort|réponse automatique|respuesta automática)",
    re.IGNORECASE,
)
_QUOTED_ID = re.compile(rb"(?im)^(?:> ?)?message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,400}>)")
_REPORTS = {
    "delivery-status": "Email Delivery Reported",
    "disposition-notification": "Email Read Reported",
    "feedback-report": "Email Marked as Spam",
}


class Machine(msgspec.Struct, frozen=True):
    """What a mail is that nobody wrote.

    Attributes
    ----------
    event : str
        In the Segment spec's words where it has them: `Email Bounced`, `Automatic Reply Received` ...
    about : str, optional
        The Message-ID of our mail that it is about.
    person : str, optional
        The address that our mail went to.
    """

    event: str
    about: str | None = None
    person: str | None = None


def is_nobody(address: str) -> bool:
    """Tell whether nobody reads what is sent to an address.

    Examples
    --------
    >>> [is_nobody(one) for one in ("no-reply@shop.example", "an@elders.example", "bounce+17=x@list.example")]
    [True, False, True]
    """
    return bool(_NOBODY.fullmatch(address.partition("@")[0].lower()))


def machine_of(message: Message, headers: Headers) -> Machine | None:
    """Return what a mail is that no person wrote; None where a person did."""
    kind = message.get_content_type()
    if kind == "multipart/report":
        return _report(message)
    senders = addresses(headers.raw("from"), 1) or addresses(headers.raw("sender"), 1)
    sender = senders[0] if senders else None
    subject = headers.words("subject") or ""
    is_empty_path = headers.raw("return-path").strip() == "<>"
    is_nobodys = is_empty_path or (sender is not None and is_nobody(sender.address))
    if is_nobodys and _BOUNCED.match(subject):
        return Machine("Email Bounced", _about(message, headers))
    if _is_away(headers, subject, is_empty_path=is_empty_path):
        return Machine("Automatic Reply Received", _about(message, headers), sender.address if sender else None)
    return _sent_by_program(headers)


def _is_away(headers: Headers, subject: str, *, is_empty_path: bool) -> bool:
    if headers.token("auto-submitted") == "auto-replied" or headers.token("precedence") == "auto_reply":
        return True
    if any(name in headers for name in ("x-autoreply", "x-autorespond", "x-autoresponder")):
        return headers.token("x-autoreply") != "no"
    answers = "in-reply-to" in headers or "references" in headers
    is_generated = headers.token("auto-submitted") not in ("", "no")
    return bool(_AWAY.match(subject)) and (answers or is_empty_path or is_generated)


def _sent_by_program(headers: Headers) -> Machine | None:
    if headers.token("auto-submitted") not in ("", "no"):
        return Machine("Automatic Mail Received")
    is_bulk = headers.token("precedence") in ("bulk", "junk") or "list-unsubscribe-post" in headers
    return Machine("Bulk Mail Received") if is_bulk else None


def _report(message: Message) -> Machine:
    event = _REPORTS.get(str(message.get_param("report-type") or "").lower(), "Automatic Mail Received")
    told: dict[str, str] = {}
    about: str | None = None
    for part in inner_parts(message)[:10]:
        kind, inner = part.get_content_type(), inner_parts(part)
        if kind == "message/delivery-status":
            told |= {name.lower(): str(value) for block in inner[:20] for name, value in block.raw_items()}
        elif kind == "message/rfc822" and inner:
            about = _first_id(Headers(inner[0].raw_items()).raw("message-id"))
        elif kind == "text/rfc822-headers":
            about = _quoted_id(bytes_of(part))
    if event == "Email Delivery Reported" and told.get("action", "").strip().lower() in ("failed", ""):
        event = "Email Bounced"
    person = addresses(told.get("final-recipient", "").partition(";")[2], 1)
    return Machine(event, about, person[0].address if person else None)


def _about(message: Message, headers: Headers) -> str | None:
    """Return which mail of ours it answers, or quotes whole."""
    for name in ("in-reply-to", "x-failed-message-id"):
        if found := _first_id(headers.raw(name)):
            return found
    chain = message_ids(headers.raw("references"))
    return chain[-1] if chain else _quoted_id(bytes_of(message))


def _quoted_id(text: bytes) -> str | None:
    found = _QUOTED_ID.search(text[:65_536])
    return found[1].decode("ascii", "replace") if found else None


def _first_id(raw: str) -> str | None:
    return next(iter(message_ids(raw)), None)
