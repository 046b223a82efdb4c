"""The sentences that invented people choose from: `texts/`, a file a language, with the truth about each."""

import re
from functools import cache
from importlib.resources import files

import msgspec

__all__ = ["LANGUAGES", "Sentence", "load_sentences"]

LANGUAGES = ("nl", "en", "de", "fr", "es")

_NEEDS = {
    "h": "help", "c": "complaint", "q": "question", "p": "praise", "i": "improvement", "l": "leaving", "o": "other",
}  # fmt: skip
_TONES = {"-": "negative", "0": "neutral", "+": "positive"}
_MARKED = re.compile(r"([hcqpilo][-0+]) (.*)")


class Sentence(msgspec.Struct, frozen=True):
    """A sentence with `{slots}`, and what is true of it: what it is about, what is wanted, in what tone."""

    text: str
    theme: str
    need: str = "other"
    tone: str = "neutral"

    @classmethod
    def marked(cls, text: str, theme: str, mark: str) -> "Sentence":
        """Return a sentence from its mark in the files.

        Examples
        --------
        >>> Sentence.marked("Waar is mijn koffer?", "luggage", "h-").need
        'help'
        """
        return cls(text, theme, _NEEDS[mark[0]], _TONES[mark[1]])


@cache
def load_sentences() -> dict[tuple[str, str], tuple[Sentence, ...]]:
    """Return all sentences by language and theme; about 4 ms, once."""
    found: dict[tuple[str, str], list[Sentence]] = {}
    for language in LANGUAGES:
        theme, usual = "", ""
        for line in (files(__package__) / "texts" / f"{language}.txt").read_text("utf-8").splitlines():
            if line.startswith("["):
                theme, usual = line.strip("[]").split()
            elif line and not line.startswith("#"):
                mark = _MARKED.fullmatch(line)
                sentence = Sentence.marked(mark[2], theme, mark[1]) if mark else Sentence.marked(line, theme, usual)
                found.setdefault((language, theme), []).append(sentence)
    return {place: tuple(lines) for place, lines in found.items()}
