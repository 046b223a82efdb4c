"""Headers of a mail as people and machines write them: encoded or not, in any charset, folded, broken, hostile."""

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterable
from email.utils import getaddresses

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.listen.times import parse_time

__all__ = ["Address", "Headers", "addresses", "message_ids", "moment", "readable", "words"]

_LONGEST = 200_000
_MOST_HEADERS = 2_000
_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]{0,4000})\?=")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ID = re.compile(r"<([^<>]{1,400})>")
_ADDRESS = re.compile(r"[^\s<>,;:\"()@]{1,64}@[^\s<>,;:\"()@]{1,255}")
_IN_BRACKETS = re.compile(r"<([^\s<>,;:\"()@]{1,64}@[^\s<>,;:\"()@]{1,255})>")
_STANDS_FOR = re.compile(r"encoded~(\d{1,4})~")
# Python also knows codecs that are no charset of a text (punycode is slow, unicode_escape runs escapes)
_CHARSETS = re.compile(
    r"utf-?(8|8-sig|16|16-[bl]e|32|32-[bl]e|7)|ascii|cp\d{3,4}|iso8859-\d+|iso2022_(jp|kr).*|koi8-[rut]|gb2312|gbk|gb18030"
    r"|big5|big5hkscs|euc_(jp|jisx0213|kr|jis_2004)|shift_jis.*|mac-.*|johab|hz|tis-620|ptcp154|kz1048|hp-roman8"
)
_SINGLE = re.compile(r"ascii|cp125\d|cp\d{3}|iso8859-\d+")


class Address(msgspec.Struct, frozen=True):
    """Somebody in a From, To or Cc: the address in lower case, and the name beside it."""

    address: str
    name: str | None = None


class Headers:
    """The headers of one part, by name in lower case; of a name that stands there often the first counts.

    Parameters
    ----------
    pairs : iterable of (str, str)
        As `email.message.Message.raw_items` gives them: bytes that are no ASCII as surrogates.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for n, (name, value) in enumerate(pairs):
            if n == _MOST_HEADERS:
                break
            self._values.setdefault(name.lower(), []).append(str(value)[:_LONGEST])

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def raw(self, name: str) -> str:
        """Return the first value of a header as it came; empty when there is none."""
        return self._values.get(name, [""])[0]

    def words(self, name: str, most: int = 1_000) -> str | None:
        """Return a header in readable words; None when it is absent or empty."""
        return words(self.raw(name), most) or None

    def token(self, name: str) -> str:
        """Return the first word of a header, in lower case, without its parameters: `auto-replied`."""
        return (readable_bytes(self.raw(name)[:200]).split(";")[0].split() or [""])[0].lower()


def readable(data: bytes, charset: str | None = None) -> str:
    """Return bytes as text: in the charset that they claim, unless they are UTF-8 after all, or it cannot be so.

    What claims a charset of one byte a sign and is UTF-8 nevertheless is UTF-8: by chance that happens to nobody.

    Examples
    --------
    >>> readable("Oké".encode(), "iso-8859-1"), readable("Oké".encode("cp1252"), "us-ascii"), readable(b"Hoi", "zip")
    ('Oké', 'Oké', 'Hoi')
    """
    known = _known(charset)
    if known is None or _SINGLE.fullmatch(known):
        try:
            return _seen(data.decode())
        except UnicodeDecodeError:
            known = "cp1252" if known in (None, "ascii", "iso8859-1") else known
    try:
        return _seen(data.decode(known))
    except (UnicodeDecodeError, LookupError):
        return _seen(data.decode("utf-8" if known.startswith("utf") else known, "replace"))


def _known(charset: str | None) -> str | None:
    name = (charset or "").strip("\"' ").lower()[:40]
    try:
        found = codecs.lookup(name).name if name else ""
    except (LookupError, UnicodeError, ValueError):
        return None
    return found if _CHARSETS.fullmatch(found) else None


def _seen(text: str) -> str:
    """Return a text without signs that nobody sees: a store and a page choke on some."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def readable_bytes(raw: str) -> str:
    """Return a header's value with its bytes that are no ASCII read as text."""
    return readable(raw.encode("utf-8", "surrogateescape")) if not raw.isascii() else _seen(raw)


def words(raw: str, most: int = 1_000) -> str:
    """Return a header on one line, with its encoded words (RFC 2047) decoded; line breaks are blanks.

    Examples
    --------
    >>> words("=?utf-8?Q?Waar_is_m?= =?utf-8?Q?ijn_koffer=3F?=\\n Bcc: x@y.example")
    'Waar is mijn koffer? Bcc: x@y.example'
    """
    text = " ".join(readable_bytes(raw[: 8 * most]).split())
    pieces: list[str] = []
    waiting, charset, at = b"", "", 0
    for found in _WORD.finditer(text):
        between = text[at : found.start()]
        data = _decoded(found[2], found[3])
        if between.strip() or found[1].lower() != charset:
            pieces.append(readable(waiting, charset))
            waiting = b""
            pieces.append(between if between.strip() or not at else "")
        waiting, charset, at = waiting + data, found[1].lower(), found.end()
    pieces += [readable(waiting, charset), text[at:]]
    return " ".join("".join(pieces).split())[:most]


def _decoded(how: str, data: str) -> bytes:
    """Return what an encoded word holds; in one that is broken, as much as can be read."""
    plain = data.encode("ascii", "replace")
    if how in "qQ":
        return quopri.decodestring(plain, header=True)
    try:
        return base64.b64decode(plain + b"===")
    except binascii.Error:
        return plain


def addresses(raw: str, most: int = 50) -> list[Address]:
    """Return who stands in a From, To or Cc; the first `most` of them. What is no address is left out.

    Examples
    --------
    >>> addresses('"Jansen, An" <An@Elders.example>, undisclosed-recipients:;')
    [Address(address='an@elders.example', name='Jansen, An')]
    """
    flat = " ".join(raw[: most * 400].split())
    encoded = [found[0] for found in _WORD.finditer(flat)]
    numbers = iter(range(len(encoded)))
    plain = _WORD.sub(lambda _: f"encoded~{next(numbers)}~", flat)  # what they hold is no part of an address
    found = getaddresses([plain]) if plain.count("(") < 20 and plain.count('"') < 400 else []
    people = [
        Address(address.lower(), words(_STANDS_FOR.sub(lambda at: _nth(encoded, at[1]), name), 200) or None)
        for name, address in ((name, readable_bytes(address.strip())) for name, address in found)
        if _ADDRESS.fullmatch(address)
    ]
    if not people:
        bare = readable_bytes(plain)
        people = [Address(one.lower()) for one in _IN_BRACKETS.findall(bare) or _ADDRESS.findall(bare)]
    return people[:most]


def _nth(encoded: list[str], number: str) -> str:
    return encoded[int(number)] if int(number) < len(encoded) else ""


def message_ids(raw: str) -> list[str]:
    """Return the Message-IDs in a header, each with its angle brackets, without repeats.

    Examples
    --------
    >>> message_ids("<1@a.example>\\n <2@a.example> <1@a.example>"), message_ids("3@a.example")
    (['<1@a.example>', '<2@a.example>'], ['<3@a.example>'])
    """
    text = readable_bytes(raw[:40_000])
    found = ["".join(one.split()) for one in _ID.findall(text)]
    if not found and "@" in text and len(text.split()) == 1 and len(text) <= 400:
        found = [text.strip("<> \n\t")]
    return [f"<{one}>" for one in dict.fromkeys(found) if one]


def moment(raw: str) -> int | None:
    """Return a Date in microseconds UTC; None where nobody can tell."""
    try:
        return parse_time(" ".join(readable_bytes(raw[:100]).split()))
    except RejectedRecord:
        return None
