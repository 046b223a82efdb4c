"""What an answer says on Mastodon: to whom, how wide, and how long as the server counts."""

import re
from typing import Any

from gehoor.core.reply import Reply
from gehoor.listen.as2_text import plain_text
from gehoor.listen.reply_words import LINK, clean, link_spans, n_graphemes

__all__ = ["MENTION", "is_same", "length_of", "posted"]

MENTION = 32
"""Characters that the mention of who is answered may take: an account's name has 30 at most."""

_LINK_LENGTH = 23  # whatever its length: the server counts a link so
_MENTIONED = re.compile(r"(?<![\w/])@([a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?)(?:@[\w.-]*\w)?", re.IGNORECASE)
_ACCOUNT = re.compile(r"[a-z0-9_.-]+(@[\w.:-]+)?", re.IGNORECASE)
_OPEN = ("public", "unlisted")


def length_of(text: str) -> int:
    """Return how many characters a text takes: a link 23, a mention without its server.

    Examples
    --------
    >>> length_of("@an@verweg.example zie https://acme.example/een/heel/lang/adres/van/een/pagina")
    31
    """
    text = clean(text)
    for start, end in reversed(link_spans(text)):
        text = f"{text[:start]}{'x' * _LINK_LENGTH}{text[end:]}"
    return n_graphemes(_MENTIONED.sub(r"@\1", text))


def posted(reply: Reply, number: str, original: dict[str, Any]) -> dict[str, str]:
    """Return what is posted in answer to a status.

    Who wrote it is mentioned first, or would not hear of it. It is no wider than the original, nor than asked for: an
    answer to what only followers may read goes to its writer alone, since our followers are not theirs. In such a
    closed answer nobody else is mentioned, because that would show it to them.

    Parameters
    ----------
    number : str
        Of the status that is answered.
    original : dict
        That status, as the server shows it now.
    """
    account = original.get("account")
    name = account.get("acct") if isinstance(account, dict) else None
    name = name if isinstance(name, str) and _ACCOUNT.fullmatch(name) else ""
    wide = original.get("visibility")
    visibility = wide if isinstance(wide, str) and reply.visibility == "public" and wide in _OPEN else "direct"
    text = clean(reply.text)
    if visibility == "direct":
        text = _MENTIONED.sub(lambda found: found[0] if _is_of(found[0], name) else f"@\u200b{found[0][1:]}", text)
    if name and not any(_is_of(found[0], name) for found in _MENTIONED.finditer(text)):
        text = f"@{name} {text}"
    body = {"status": text, "in_reply_to_id": number, "visibility": visibility}
    return body | ({"language": reply.language} if reply.language else {})


def _is_of(mention: str, name: str) -> bool:
    """Tell whether a mention is that of an account: of one on the server itself, whose name has no server, too."""
    mention, name = mention.lower(), f"@{name.lower()}"
    return bool(name[1:]) and mention == name


def is_same(markup: str, text: str) -> bool:
    """Tell whether a status reads as what was posted; how a server lays out links, mentions and bold does not count.

    Examples
    --------
    >>> is_same('<p><a href="x">@<span>an</span></a> Dag &amp; welkom</p>', "@an@verweg.example Dag & welkom")
    True
    """
    return _core(plain_text(markup)) == _core(text)


def _core(text: str) -> str:
    bare = _MENTIONED.sub("", LINK.sub("", text.replace("\u200b", "")))
    return "".join(sign for sign in bare.casefold() if sign.isalnum())
