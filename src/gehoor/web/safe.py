"""Hostile text: what a stranger wrote, made fit to stand on a page. Escaping itself is Jinja's, always on."""

import re
from urllib.parse import quote, urlsplit

__all__ = ["excerpt", "link_of", "plain", "shorten", "split", "tongue"]

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_TONGUE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CUT = 1_500
_EXCERPT = 2_000
_LINK_CHARS = "!#$%&'()*+,/:;=?@[]~"


def plain(text: str | None) -> str:
    """Return text that any page can carry: no control characters, no half surrogates.

    Characters that turn the direction of writing stay: the page isolates each text (`bdi`), so that they cannot
    reach beyond it.

    Examples
    --------
    >>> plain("hallo\\x00 daar\\ud800")
    'hallo daar?'
    """
    if not text:
        return ""
    return _CONTROLS.sub("", text).encode("utf-8", "replace").decode()


def link_of(url: str | None) -> str | None:
    """Return the address if a page may link to it: http or https, with a host; else None.

    Examples
    --------
    >>> link_of("https://example.org/1"), link_of("javascript:alert(1)")
    ('https://example.org/1', None)
    """
    if not url:
        return None
    try:
        parts = urlsplit(plain(url).strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    return quote(parts.geturl(), safe=_LINK_CHARS)


def tongue(language: str | None) -> str | None:
    """Return a language tag that a page may set on a text; None when unknown."""
    return language if language and language != "und" and _TONGUE.fullmatch(language) else None


def split(text: str) -> tuple[str, str]:
    """Return what of a long text is shown at once, and the rest; cut at a space where there is one.

    Examples
    --------
    >>> split("kort")
    ('kort', '')
    """
    if len(text) <= _CUT:
        return text, ""
    cut = text.rfind(" ", _CUT - 100, _CUT)
    cut = cut if cut > 0 else _CUT
    return text[:cut], text[cut:]


def shorten(text: str | None, most: int = 400) -> str:
    """Return a text on one line, cut at a space where it is long.

    Examples
    --------
    >>> shorten("een  twee drie", 9)
    'een twee …'
    """
    line = " ".join(plain(text).split())
    if len(line) <= most:
        return line
    head = line[: most + 1]
    return (head.rpartition(" ")[0] or line[:most]) + " …"


def excerpt(raw: bytes) -> str:
    """Return the beginning of an item as it came in, as text; what is no UTF-8 is shown as such."""
    text = plain(raw[:_EXCERPT].decode("utf-8", "replace"))
    return text + (" …" if len(raw) > _EXCERPT else "")
