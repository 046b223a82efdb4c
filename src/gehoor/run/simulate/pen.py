"""Writes what somebody says: a sentence of the theme, its slots filled, dressed for the channel, no two alike."""

import re
from collections.abc import Callable

import msgspec
import numpy as np

from gehoor.run.simulate.noise import roughen
from gehoor.run.simulate.people import Person
from gehoor.run.simulate.scenario import load_names
from gehoor.run.simulate.sentences import Sentence, load_sentences

__all__ = ["Draft", "Pen"]

_SLOT = re.compile(r"\{(\w+)\}")
_LETTER = {"nl": ("Goedendag,", "Met vriendelijke groet,"), "en": ("Hello,", "Kind regards,"),
           "de": ("Guten Tag,", "Freundliche Grüße,"), "fr": ("Bonjour,", "Cordialement,"),
           "es": ("Buenos días,", "Saludos,")}  # fmt: skip
_FACES = {"positive": ("😊", "🙏", "❤️", "👏", "☀️", "🎉", "✈️"), "negative": ("😡", "😤", "🤦‍♀️", "🙄", "😭", "💔", "🤬"),
          "neutral": ("🤔", "✈️", "👀", "🌋", "🤷")}  # fmt: skip
_SLOTS: dict[str, Callable[[float], str]] = {
    "flight": lambda chance: f"NV{int(chance * 799) + 101}",
    "time": lambda chance: f"{6 + int(chance * 17):02d}:{int(chance * 1_000) % 12 * 5:02d}",
    "gate": lambda chance: f"{'BCDH'[int(chance * 4)]}{1 + int(chance * 997) % 39}",
    "amount": lambda chance: str(18 + int(chance * 460)),
    "number": lambda chance: str(10_000 + int(chance * 89_999)),
    "n": lambda chance: str(2 + int(chance * 8)),
}
_ASKING = frozenset(("help", "complaint", "question"))
_PROPER = re.compile(r"(Schiphol|Noordvlucht|Zuiderwind|Oslo|Keulen|Cologne|DELEN|SHARE|I\b|\W)")
_TRIES = 5
_OWN_TRIP = 0.6


class Draft(msgspec.Struct, frozen=True):
    """What is to be said, and the truth about it."""

    text: str
    language: str
    theme: str
    need: str
    tone: str


class Pen:
    """Chooses and fills sentences; deals them like shuffled cards, so that none comes back before all were used."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._sentences = load_sentences()
        self._names = load_names()
        self._decks: dict[tuple[str, str], list[Sentence]] = {}
        self._seen: set[str] = set()

    def sentence(self, language: str, theme: str) -> tuple[Sentence, str]:
        """Return the next sentence of a theme, and its language: English where the asked one has none of it."""
        if (language, theme) not in self._sentences:
            language = "en" if ("en", theme) in self._sentences else "nl"
        deck = self._decks.get((language, theme))
        if not deck:
            cards = self._sentences[language, theme]
            deck = self._decks[language, theme] = [cards[i] for i in self._rng.permutation(len(cards)).tolist()]
        return deck.pop(), language

    def fill(self, text: str, person: Person, language: str) -> str:
        """Return a text with its slots filled: with the person's own trip, more often than not."""
        return _SLOT.sub(lambda match: self._slot(match[1], person, language), text) if "{" in text else text

    def _slot(self, slot: str, person: Person, language: str) -> str:
        chance, is_own = self._rng.random(), self._rng.random() < _OWN_TRIP
        if slot == "city":
            cities = self._names.cities
            place = cities[person.city if is_own else int(chance * len(cities))]
            return place[0] if language == "nl" else place[1]
        if slot == "flight" and is_own:
            return person.flight
        if slot == "number" and person.booking:
            return person.booking
        if slot == "name":
            return self._names.given[int(chance * len(self._names.given))]
        return _SLOTS[slot](chance)

    def line(self, person: Person, theme: str, language: str | None = None) -> Draft:
        """Return one bare sentence: a headline, an answer, an advertisement."""
        sentence, language = self.sentence(language or person.language, theme)
        text = self.fill(sentence.text, person, language)
        return Draft(text, language, sentence.theme, sentence.need, sentence.tone)

    def write(self, person: Person, theme: str, channel: str) -> Draft:
        """Return what a person says about a theme on a channel; another wording when the same was said before."""
        draft = self._dressed(person, theme, channel)
        for _ in range(_TRIES):
            if draft.text not in self._seen:
                break
            draft = self._dressed(person, theme, channel)
        self._seen.add(draft.text)
        return draft

    def short(self, person: Person, theme: str, language: str) -> Draft:
        """Return what a person says in passing: a sentence or two, as it comes."""
        draft = self.line(person, theme, language)
        text = draft.text
        if self._rng.random() < 0.3:
            second, spoken = self.sentence(draft.language, theme)
            text = f"{text} {self.fill(second.text, person, spoken)}" if second.text != text else text
        return msgspec.structs.replace(draft, text=roughen(text, draft.language, person.rough, self._rng))

    def _dressed(self, person: Person, theme: str, channel: str) -> Draft:
        sentence, language = self.sentence(person.language, theme)
        text = self.fill(self._framed(sentence, language, channel), person, language)
        text = roughen(text, language, person.rough, self._rng)
        if channel == "mail":
            hello, bye = _LETTER[language]
            text = f"{hello}\n\n{text}\n\n{bye}\n{person.name}"
        elif channel != "reviews":
            text = self._tagged(text, sentence.tone)
        return Draft(text, language, theme, sentence.need, sentence.tone)

    def _framed(self, sentence: Sentence, language: str, channel: str) -> str:
        """Return a sentence with what people put before and behind it."""
        rng, text = self._rng, sentence.text
        if sentence.need == "complaint" and (channel in {"mail", "reviews"} or rng.random() < 0.12):
            second, _ = self.sentence(language, sentence.theme)
            text = f"{text} {second.text}" if second.need == sentence.need and second is not sentence else text
        if channel != "mail" and (language, "opener") in self._sentences and rng.random() < 0.2:
            text = _joined(self.sentence(language, "opener")[0].text, text)
        tail = "ash-tail" if sentence.theme.startswith("ash-") else "tail"
        tail = tail if sentence.need in _ASKING else f"{tail}-glad"
        if (language, tail) in self._sentences and rng.random() < 0.4:
            text = f"{text} {self.sentence(language, tail)[0].text}"
        return text

    def _tagged(self, text: str, tone: str) -> str:
        rng = self._rng
        if "oordvlucht" not in text and rng.random() < 0.6:
            text = f"@noordvlucht {text}" if rng.random() < 0.62 else f"{text} #noordvlucht"
        if rng.random() < 0.16:
            faces = _FACES[tone]
            text = f"{text} {faces[int(rng.random() * len(faces))] * (1 + int(rng.random() * 1.4))}"
        return text


def _joined(opener: str, text: str) -> str:
    """Return an opener and a sentence; behind a comma a sentence has no capital."""
    is_going_on = opener.endswith(",") and not _PROPER.match(text)
    return f"{opener} {text[0].lower() + text[1:] if is_going_on else text}"
