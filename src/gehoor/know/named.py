"""What somebody writes in a message about who they are elsewhere: a customer number, an address, an account."""

import re
from collections.abc import Iterator

import msgspec
import phonenumbers

__all__ = ["Named", "named_in"]

_LONGEST = 20_000
_MOST = 20
_BEFORE, _AFTER = 28, 12

_NUMBER = re.compile(
    r"\b(?:klant|customer|client|lid(?:maatschaps)?|member(?:ship)?|account)[ \-]?(?:nummer|number|nr|no|id)\b"
    r"[\s.:=#]*(?:is|van mij is)?[\s:#]*(?P<value>[A-Za-z0-9][A-Za-z0-9._/\-]{1,40})",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,6}")
_HANDLE = re.compile(r"(?<![\w@.])@(?P<name>\w[\w.\-]{0,63})@(?P<host>[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,6})")
_PROFILE = re.compile(
    r"https?://(?P<host>[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,6})/(?:@|users/)(?P<name>\w[\w.\-]{0,63})(?![\w/@])"
)
_DID = re.compile(r"\bdid:(?:plc:[a-z2-7]{4,40}|web:[\w.\-]{4,100})")


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a message names.

    Attributes
    ----------
    kind : str
        `customer mail phone`: a key as in `know.identity`; `account`: a public account of `channel`.
    values : tuple of str
        How it may be written as a key, or as the account's stable id.
    quote : str
        The words around it.
    """

    kind: str
    values: tuple[str, ...]
    quote: str
    channel: str = ""


def named_in(text: str) -> list[Named]:
    """Return what a message names, in the order of kinds; at most twenty.

    Naming is no proof: who writes a number may have it from anybody. So what this finds is asked of a person, and links
    nobody. Blind to Bluesky's handles, which do not tell the account for certain; its DIDs are found.

    Notes
    -----
    Cost: 0.2 ms a message; only its first 20,000 characters are read.

    Examples
    --------
    >>> [(one.kind, one.values[0]) for one in named_in("Mijn klantnummer is A-1702, ik ben @saar@toot.example")]
    [('customer', 'A-1702'), ('account', 'https://toot.example/users/saar')]
    """
    return list(_named(text[:_LONGEST]))[:_MOST]


def _named(text: str) -> Iterator[Named]:
    yield from _numbers(text)
    for found in _MAIL.finditer(text):
        if not text[: found.start()].endswith("@"):
            yield Named(kind="mail", values=(found[0].rstrip(".-_"),), quote=_quote(text, *found.span()))
    for number in phonenumbers.PhoneNumberMatcher(text, "NL", max_tries=200):
        yield Named(kind="phone", values=(number.raw_string,), quote=_quote(text, number.start, number.end))
    yield from _accounts(text)


def _numbers(text: str) -> Iterator[Named]:
    for found in _NUMBER.finditer(text):
        value = found["value"].rstrip("._/-")
        if any(sign.isdecimal() for sign in value):
            yield Named(kind="customer", values=(value,), quote=_quote(text, *found.span()))


def _accounts(text: str) -> Iterator[Named]:
    for pattern in (_HANDLE, _PROFILE):
        for found in pattern.finditer(text):
            ids = _ids(found["name"].rstrip(".-"), found["host"].lower())
            yield Named(kind="account", channel="mastodon", values=ids, quote=_quote(text, *found.span()))
    for found in _DID.finditer(text):
        yield Named(kind="account", channel="bluesky", values=(found[0],), quote=_quote(text, *found.span()))


def _ids(name: str, host: str) -> tuple[str, ...]:
    """Return what servers of the fediverse call such an account."""
    names = dict.fromkeys((name, name.lower()))
    return tuple(f"https://{host}/{way}{one}" for one in names for way in ("users/", "@"))


def _quote(text: str, start: int, end: int) -> str:
    since, until = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    if since and not text[since - 1].isspace():  # begin with a whole word
        since += len(text[since:start].partition(" ")[0]) if " " in text[since:start] else start - since
    words = " ".join(text[since:until].split())
    return ("… " if since else "") + words + (" …" if until < len(text) else "")
