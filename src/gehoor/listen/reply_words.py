"""The words of an answer as channels take them: counted as people see them, without what nobody can read."""

import re

import regex

__all__ = ["LINK", "clean", "link_spans", "n_graphemes"]

LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_TRAILING = ".,;:!?'\")]}»”"
_GRAPHEME = regex.compile(r"\X")
# Line ends and tabs stay. Turned-over directions (bidi overrides) can make a link read as another one.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def n_graphemes(text: str) -> int:
    """Return how many characters a reader counts (extended grapheme clusters, UAX #29).

    Examples
    --------
    >>> n_graphemes("Zoë 👩‍👩‍👧")
    5
    """
    return len(_GRAPHEME.findall(text))


def clean(text: str) -> str:
    """Return a text without control characters and without blanks around it; ends of lines are those of Unix.

    Examples
    --------
    >>> clean(" Dag\\r\\nAn\\x00\\u202e ")
    'Dag\\nAn'
    """
    return _HIDDEN.sub("", text.replace("\r\n", "\n")).strip()


def link_spans(text: str) -> list[tuple[int, int]]:
    """Return from where to where links stand; the full stop behind one is not of it, nor a bracket that it closes not.

    Examples
    --------
    >>> text = "Zie https://a.example/x_(y). Dag"
    >>> [text[start:end] for start, end in link_spans(text)]
    ['https://a.example/x_(y)']
    """
    spans = []
    for found in LINK.finditer(text):
        link = found[0]
        while link[-1] in _TRAILING and not (link[-1] == ")" and link.count("(") >= link.count(")")):
            link = link[:-1]
        spans.append((found.start(), found.start() + len(link)))
    return spans
