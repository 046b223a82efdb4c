"""The parts of a mail: what is said in words, in markup, and what is attached. Nothing is run, opened or fetched."""

import hashlib
import re
from contextlib import suppress
from email.message import Message

import msgspec

from gehoor.listen.as2_text import plain_text
from gehoor.listen.mail_header import Headers, readable, words

__all__ = ["Attachment", "Body", "body_of", "bytes_of", "inner_parts"]

_MOST_PARTS = 1_000
_MOST_ATTACHMENTS = 100
_MOST_TEXT, _MOST_HTML = 200_000, 1_000_000
_LONGEST_PARAMETERS = 4_000
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_PGP = "-----BEGIN PGP MESSAGE-----"


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is attached, by reference: its bytes stay in the mailbox."""

    name: str | None
    type: str
    size: int
    digest: str


class Body(msgspec.Struct):
    """What a mail holds.

    Attributes
    ----------
    text : str
        What is said, plain; from the markup where nothing else says it.
    html : str, optional
        The markup, as it came: hostile.
    attachments : list of Attachment
        The first hundred.
    encrypted : str, optional
        `smime` or `pgp`: what is said cannot be read here.
    is_cut : bool
        There is more than is kept.
    """

    text: str = ""
    html: str | None = None
    attachments: list[Attachment] = []
    encrypted: str | None = None
    is_cut: bool = False


def body_of(message: Message) -> Body:
    """Return what a mail says and what is attached to it. A mail inside it is attached, not said."""
    body = Body(attachments=[])
    texts: list[str] = []
    markups: list[str] = []
    waiting: list[Message] = [message]
    n_parts = 0
    while waiting and n_parts < _MOST_PARTS:
        part, n_parts = waiting.pop(), n_parts + 1
        kind = _kind(part)
        if kind == "multipart/encrypted":
            body.encrypted = "pgp"
        if kind.startswith("multipart/") and part.is_multipart():
            waiting += reversed(inner_parts(part))
        elif kind in ("text/plain", "text/html") and not _is_attached(part):
            (texts if kind == "text/plain" else markups).append(_text(part))
        else:
            _attach(body, part, kind)
    body.is_cut = bool(waiting)
    _say(body, texts, markups)
    return body


def _say(body: Body, texts: list[str], markups: list[str]) -> None:
    text = "\n\n".join(one.strip() for one in texts if one.strip())
    html = "\n".join(one for one in markups if one.strip())
    if not text and html:
        text = plain_text(_without_comments(html[:_MOST_HTML]))
    if _PGP in text:
        body.encrypted = "pgp"
    body.is_cut |= len(text) > _MOST_TEXT or len(html) > _MOST_HTML
    body.text, body.html = text[:_MOST_TEXT], html[:_MOST_HTML] or None


def _kind(part: Message) -> str:
    raw = Headers(part.raw_items()).raw("content-type")
    return part.get_content_type() if len(raw) < _LONGEST_PARAMETERS else "application/octet-stream"


def inner_parts(part: Message) -> list[Message]:
    """Return the parts that a part is made of; none where it is a leaf."""
    inner = part.get_payload()
    return [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []


def bytes_of(part: Message) -> bytes:
    """Return what a leaf holds, decoded."""
    data = None if part.is_multipart() else part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _is_attached(part: Message) -> bool:
    headers = Headers(part.raw_items())
    return headers.token("content-disposition") == "attachment" or bool(_name(part))


def _name(part: Message) -> str | None:
    headers = Headers(part.raw_items())
    if max(len(headers.raw(name)) for name in ("content-type", "content-disposition")) >= _LONGEST_PARAMETERS:
        return None
    try:
        found = words(part.get_filename() or _title(part), 200)
    except (ValueError, LookupError, TypeError, AttributeError):  # parameters whose encoding is broken (RFC 2231)
        return None
    return re.split(r"[/\\]", found)[-1] or None  # a name, and never a way to another folder


def _title(part: Message) -> str:
    """Return what a mail that is attached is about."""
    inner = inner_parts(part) if part.get_content_type() == "message/rfc822" else []
    subject = Headers(inner[0].raw_items()).words("subject", 100) if inner else None
    return f"{subject}.eml" if subject else ""


def _text(part: Message) -> str:
    return readable(bytes_of(part), _charset(part))


def _charset(part: Message) -> str | None:
    found = part.get_param("charset")
    return str(found[2] if isinstance(found, tuple) else found) if found else None


def _attach(body: Body, part: Message, kind: str) -> None:
    if kind in _SMIME and str(part.get_param("smime-type") or "") != "signed-data":
        body.encrypted = "smime"
    if len(body.attachments) == _MOST_ATTACHMENTS:
        body.is_cut = True
        return
    data = _bytes(part)
    if data or _name(part):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        body.attachments.append(Attachment(_name(part), kind, len(data), digest))


def _bytes(part: Message) -> bytes:
    """Return the bytes of an attachment; of a mail inside a mail what it is made of."""
    if part.is_multipart():
        with suppress(ValueError, LookupError, TypeError, AttributeError):  # what the writer lets through on odd input
            return b"".join(inner.as_bytes() for inner in inner_parts(part))
    return bytes_of(part)


def _without_comments(markup: str) -> str:
    """Return markup without `<!-- -->`, in which some programs hide a second letter; linear, whatever it holds."""
    pieces: list[str] = []
    at = 0
    while (opened := markup.find("<!--", at)) >= 0:
        pieces.append(markup[at:opened])
        at = markup.find("-->", opened)
        if at < 0:
            return "".join(pieces)
        at += 3
    return "".join(pieces) + markup[at:]
