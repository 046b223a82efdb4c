"""What of a mail is new, and what it quotes of the mail that it answers."""

import re

__all__ = ["new_words"]

_ATTRIBUTION = re.compile(
    r"(on|op|am|le|el|il)\b.{4,200}\b(wrote|schreef|schrieb|a écrit|escribió|ha scritto)\b.{0,120}:\s*"
    r"|.{2,120}\b(wrote|schreef|schrieb|a écrit)\s*:\s*",
    re.IGNORECASE | re.DOTALL,
)
_DIVIDER = re.compile(
    r"\s*(-{3,}\s*(original message|oorspronkelijk bericht|ursprüngliche nachricht|message d'origine)\s*-{3,}"
    r"|_{20,})\s*",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"\**(from|van|von|de|expéditeur)\**\s*:.{3,}", re.IGNORECASE)
_SENT = re.compile(
    r"\**(sent|date|verzonden|datum|gesendet|envoyé|aan|to|an|onderwerp|subject|betreff)\**\s*:.+", re.IGNORECASE
)
_MOST_LINES = 20_000


def new_words(text: str) -> tuple[str, str]:
    """Return a text without the mail that it answers, which stands below it, and that mail.

    What stands between quoted lines is kept, with what it answers; only a quote at the end goes. A mail that is all
    quote stays whole. A forwarded mail stays too, since it is what is said.

    Examples
    --------
    >>> new_words("Graag snel.\\n\\nOp 3 mei schreef Acme:\\n> Wij kijken ernaar.\\n> Groet")
    ('Graag snel.', 'Op 3 mei schreef Acme:\\n> Wij kijken ernaar.\\n> Groet')
    """
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        return text, ""
    at = _divided_at(lines)
    if at is None:
        at = _quoted_at(lines)
    said = "\n".join(lines[:at]).strip()
    return (said, "\n".join(lines[at:]).strip()) if said else (text, "")


def _divided_at(lines: list[str]) -> int | None:
    """Return where the older mail begins, as Outlook and its kin set it apart."""
    for n, line in enumerate(lines):
        if _DIVIDER.fullmatch(line[:200]) and any(_BLOCK.match(below[:200].strip()) for below in lines[n + 1 : n + 4]):
            return n
        if n and _BLOCK.fullmatch(line[:200].strip()):
            below = [_SENT.match(one[:200].strip()) for one in lines[n + 1 : n + 6]]
            if sum(found is not None for found in below) >= 2 and not lines[n - 1].strip():
                return n
    return None


def _quoted_at(lines: list[str]) -> int:
    """Return where the quote begins that the text ends with; its length when it ends with none."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    at = end
    while at and (lines[at - 1].startswith(">") or not lines[at - 1].strip()):
        at -= 1
    if at == end:
        return len(lines)
    for n_lines in (1, 2, 3):  # who wrote it may be folded
        above = " ".join(line.strip() for line in lines[max(0, at - n_lines) : at])
        if at >= n_lines and _ATTRIBUTION.fullmatch(above[:400]):
            return at - n_lines
    return at
