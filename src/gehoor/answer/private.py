"""What of an earlier answer was that customer's own, and never goes to another one."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import Self

import msgspec

__all__ = ["BLANK", "Ours", "without_private"]

BLANK = "[…]"
"""Stands where something of another customer stood; whoever answers fills it in."""

_PEOPLE = 3
"""What we said to so many different people is ours to say; what fewer heard may be theirs."""

_HIDDEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
_LINK = r"(?:https?://|www\.)\S*[^\s.,;:!?)\]}>\"']"
_MAIL = r"[^\s@<>(),;:]+@[^\s@<>(),;:]+\.[^\W\d_]{2,}"
_HANDLE = r"@[\w.]+(?:@[\w.-]+)?"
_IBAN = r"\b[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{2,4}){2,8}\b"
_UNIT = "(?:werk)?dagen|weken|uur|minuten|(?:working |business )?days|weeks|hours|minutes|tage|stunden"
_LASTING = rf"\b\d{{1,2}}(?:\s?(?:-|–|tot|to|bis)\s?\d{{1,2}})?\s(?:{_UNIT})\b"
_NUMBER = r"(?<![\w])(?:[A-Z]{1,5}-(?=\d))?[+#€$£]?\s?[(]?(?:[^\W_]*\d[\w]*)(?:[\s().,/:'-]{1,2}[\w]*\d[\w]*)*"
_EXACT = re.compile("|".join((_LINK, _MAIL, _IBAN, _HANDLE, _LASTING, _NUMBER)), re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_GREETING = (
    "hi|hello|hey|heya|dear|good (?:morning|afternoon|evening|day)|thanks|thank you|sorry|hoi|hallo|hé|dag|beste|"
    "geachte|lieve|goede(?:morgen|middag|navond|ndag)|dank(?: je| u)?(?: wel)?|dankjewel|bedankt|"
    "guten (?:tag|morgen)|liebe[rs]?|sehr geehrte[rs]?|bonjour|hola"
)
_TITLE = r"(?:(?:mr|mrs|ms|mx|dr|mw|mevr|dhr|mevrouw|meneer|de heer|heer|frau|herr|sir|madam)\b\.?\s*)"
_NAMED = r"[^\W\d_][\w'’.-]*(?:\s+(?:van|de|der|den|von|el|al|ten|ter|da|di)\b)*(?:\s+[A-ZÀ-Þ][\w'’-]*)*"
_SALUTE = re.compile(rf"^(\s*(?:{_GREETING}))(?:,?\s+)({_TITLE}*{_NAMED})(?=\s*[,!.:;\n]|\s*$|\s)", re.IGNORECASE)
_CALLED = re.compile(r"^(\s*)([A-ZÀ-Þ][\w'’-]+)(?=\s*,)")
_VOCATIVE = re.compile(r"(,\s*)([A-ZÀ-Þ][\w'’-]+)(?=\s*[.!?]|\s*$)")
_TITLED = re.compile(
    rf"\b{_TITLE}(?:van\s|de\s|der\s|den\s|von\s)*[A-ZÀ-Þ][\w'’-]+(?:\s+[A-ZÀ-Þ][\w'’-]+)*", re.IGNORECASE
)
_CLOSING = (
    "(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|mvg|(?:kind |best |warm )?regards|best wishes|"
    "cheers|sincerely|mit freundlichen grüßen|liebe grüße"
)
_SIGNED = re.compile(
    rf"((?:^|[\s.!?])(?:{_CLOSING})[,.!]?)\s+[^\n]{{1,60}}(?:\n[^\n]{{0,60}}){{0,3}}\s*$", re.IGNORECASE
)
_INITIALS = re.compile(r"(?:\s*[\^*~/–—-]{1,2}\s?[A-ZÀ-Þ][\w.]{0,14}(?:\s?[A-ZÀ-Þ]\.?)?)\s*$")
_NOT_A_NAME = frozenset(
    _WORD.findall(
        # who else is spoken to, or what else follows a greeting
        "there again all team everybody everyone for to so that this we i you your it if a the is are was and but "
        "please allemaal daar weer voor dat dit we wij ik je jij u uw het als een de en maar nogmaals mevrouw meneer"
    )
)


class Ours(msgspec.Struct, frozen=True):
    """What we said to several people, and which words are no names.

    Attributes
    ----------
    exact : frozenset of str
        Links, addresses, numbers and words with a capital that we said to at least three different people.
    ordinary : frozenset of str
        Words that somebody wrote without a capital.
    """

    exact: frozenset[str] = frozenset()
    ordinary: frozenset[str] = frozenset()

    @classmethod
    def of(cls, ours: Iterable[tuple[object, str]], theirs: Iterable[str] = (), names: Iterable[str] = ()) -> Self:
        """Learn from what we said, each with whom we said it to, and from what they said.

        Parameters
        ----------
        names : iterable of str
            What customers are called: never common, however many are called so.
        """
        said: Mapping[str, set[object]] = defaultdict(set)
        lower: Mapping[str, set[object]] = defaultdict(set)
        for to, text in ours:
            clean = _clean(text)
            for token in (*_EXACT.findall(clean), *_WORD.findall(clean)):
                said[token.strip().casefold()].add(to)
            for word in _WORD.findall(clean):
                if word.islower():
                    lower[word].add(to)
        for number, text in enumerate(theirs):
            for word in _WORD.findall(_clean(text)):
                if word.islower():
                    lower[word].add(-number - 1)
        people = {part.casefold() for name in names for part in _WORD.findall(_clean(name)) if len(part) > 2}
        exact = {token for token, heard in said.items() if len(heard) >= _PEOPLE} - people
        return cls(frozenset(exact), frozenset(word for word, by in lower.items() if len(by) > 1) - people)


def without_private(text: str, name: str | None = None, common: Ours | None = None) -> str:
    """Return an answer without what was one customer's own.

    Names in a salutation become `{name}`, who signed becomes `{agent}`; addresses, numbers of any kind, links and
    words with a capital become a blank, unless we said exactly that to at least three different people.

    Parameters
    ----------
    text : str
        What we answered.
    name : str, optional
        What that customer is called: no part of it stays, wherever it stands.

    Notes
    -----
    Blind to names that are written without a capital, outside a salutation, of somebody other than the customer.

    Examples
    --------
    >>> common = Ours(ordinary=frozenset(["we", "zoeken", "vragen", "mail", "het", "uit"]))
    >>> without_private("Beste mevrouw Jansen, we zoeken order 12345 uit. Groet, Anna", None, common)
    'Beste {name}, we zoeken order {order} uit. Groet, {agent}'
    """
    known = common or Ours()
    clean = _signed(_clean(text))
    clean = re.sub(r"\A(?:\s*(?:@[\w.]+(?:@[\w.-]+)?|\d{4,}:?))+\s*", "", clean)
    parts = {part.casefold() for part in _WORD.findall(_clean(name or "")) if len(part) > 1}
    clean = _EXACT.sub(lambda hit: _number(clean, hit, known.exact), clean)
    sentences = [_greeted(one, known) for one in re.split(r"((?<=[.!?])\s+|\n+)", clean)]
    done = "".join(_words(one, parts, known) for one in sentences)
    return re.sub(r"[ \t]+", " ", re.sub(rf"(?:{re.escape(BLANK)}[\s,]*)+(?={re.escape(BLANK)})", "", done)).strip()


def _clean(text: str) -> str:
    """Return a text whose letters and digits are what they look like."""
    return _HIDDEN.sub("", unicodedata.normalize("NFKC", text))


def _signed(text: str) -> str:
    found = _SIGNED.sub(r"\1 {agent}", text)
    return found if found != text else _INITIALS.sub(" {agent}", text)


def _number(text: str, hit: re.Match[str], exact: Set[str]) -> str:
    """Return what stands for an address, a link or a number."""
    token = hit.group()
    inside = token.strip()
    before = text[max(0, hit.start() - 24) : hit.start()].casefold()
    gap = token[: len(token) - len(token.lstrip())]
    is_order = re.search(r"(?:order|bestel|ticket|case|reference|referentie|kenmerk|boeking|booking|dossier)\w*\W{0,4}"
                         r"(?:(?:number|nummer|no|nr|is)\W{0,3})?$", before)  # fmt: skip
    if is_order:
        return f"{gap}{{order}}"
    is_lasting = re.fullmatch(_LASTING, inside, re.IGNORECASE) is not None
    is_ours = "://" in inside or "www." in inside or ("@" in inside and not inside.startswith("@"))
    if inside.casefold() in exact and (is_lasting or is_ours or _is_phone(inside)):
        return token
    return gap + BLANK


def _is_phone(token: str) -> bool:
    """Tell whether it is a number as one calls: ours, where three people were told it. An amount or a date is not."""
    digits = sum(one.isdigit() for one in token)
    return digits >= 8 and not re.search(r"[€$£#A-Za-z:/]|[.,]\d\d$", token)


def _greeted(sentence: str, known: Ours) -> str:
    """Return a sentence with who is spoken to as a variable."""

    def greeted(hit: re.Match[str]) -> str:
        words = hit.group(2).split()
        first = words[0].casefold().strip(".,'’")
        is_word = first in _NOT_A_NAME or (words[0].islower() and first in known.ordinary)
        return hit.group() if is_word else f"{hit.group(1)} {{name}}"

    found = _SALUTE.sub(greeted, sentence)
    if found == sentence:
        found = _CALLED.sub(
            lambda hit: hit.group() if _is_plain(hit.group(2), known) else f"{hit.group(1)}{{name}}", sentence
        )
    found = _VOCATIVE.sub(
        lambda hit: hit.group() if _is_plain(hit.group(2), known) else f"{hit.group(1)}{{name}}", found
    )
    return re.sub(r"\{name\}(?:\s+\{name\})+", "{name}", _TITLED.sub("{name}", found))


def _is_plain(word: str, known: Ours) -> bool:
    small = word.casefold()
    return small in known.ordinary or small in known.exact or small in _NOT_A_NAME or small in _OPENERS


def _words(sentence: str, parts: Set[str], known: Ours) -> str:
    """Return a sentence without parts of the name, and without words with a capital that few people heard."""

    def kept(hit: re.Match[str]) -> str:
        word, small = hit.group(), hit.group().casefold()
        if sentence[hit.start() - 1 : hit.start()] == "{" or sentence[hit.end() : hit.end() + 1] == "}":
            return word
        if _LINKED.search(sentence[: hit.start()]):
            return word
        if small in parts and (len(small) > 2 or not word.islower()) and small not in _NOT_A_NAME:
            return BLANK
        if word.islower() or len(word) == 1 or _is_plain(word, known):
            return word
        is_first = not sentence[: hit.start()].strip(" \"'“‘(")
        return word if is_first and small in _OPENERS else BLANK

    return _WORD.sub(kept, sentence)


_LINKED = re.compile(r"(?:https?://|www\.)\S*$|\S+@\S*$")
_OPENERS = frozenset(
    _WORD.findall(
        "beste geachte hoi hallo dag goedemorgen goedemiddag goedenavond bedankt dank groet groeten met mvg hi hello "
        "hey dear good thanks thank sorry regards kind best we wij i ik our your je uw het dat dit this that it please "
        "if als the de een a an vervelend fijn wat wil kun kunt can could you jij u no nee ja yes great oh apologies "
        "excuses send stuur dm guten liebe lieber sehr bonjour hola"
    )
)
