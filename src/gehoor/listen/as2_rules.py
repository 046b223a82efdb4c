"""The rules of ActivityStreams 2.0 that a document must keep, each with the words that say what is allowed.

Sources: https://www.w3.org/TR/activitystreams-core/ and https://www.w3.org/TR/activitystreams-vocabulary/

A rule is broken only by what is known to be wrong. Null is absent; properties and types that AS2 does not know are
extensions and left alone; what AS2 merely advises (absolute IRIs, an `href` in a link) is no rule.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from gehoor.core.errors import RejectedRecord
from gehoor.listen.as2_types import COLLECTIONS, LINKS, ORDERED, PAGES, VOCABULARY, is_as2_context, main_type

__all__ = ["check_context", "check_object"]

_AS2 = "https://www.w3.org/ns/activitystreams"
_TIME = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d"
    r"(?::(?:[0-5]\d|60)(?:\.\d+)?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
)
_DURATION = re.compile(r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?")
_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_MEDIA = re.compile(r"(?:[^\s/;]+/[^\s/;]+\s*(?:;.*)?)?", re.DOTALL)  # empty is how some servers say unknown
_REL = re.compile(r"[^ \t\n\f\r,]+")
_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


class _Rule(NamedTuple):
    """What one value may be, and whether there may be only one."""

    allowed: str
    accepts: Callable[[Any], bool]
    is_single: bool = False


def _is_number(value: object) -> bool:
    if isinstance(value, str):  # the vocabulary's own examples write a latitude as text
        return re.fullmatch(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?", value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: str | float) -> float:
    return float(value) if isinstance(value, str) else value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: object) -> bool:
    """Tell a string, or a language map in the older spelling without `Map`."""
    return isinstance(value, str) or (isinstance(value, dict) and all(isinstance(v, str) for v in value.values()))


def _is_map(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(v, str | None) and _TAG.fullmatch(k) is not None for k, v in value.items()
    )


def _is_iri(value: object) -> bool:
    return isinstance(value, str) and _NO_IRI.search(value) is None


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_TEXT = _Rule("a string", _is_text)
_MAP = _Rule("an object with a language tag (BCP 47) and a string for each language", _is_map, is_single=True)
_DATE = _Rule(
    "a date and time such as 2026-11-22T10:00:00Z (RFC 3339; the seconds may be left out)",
    _matches(_TIME),
    is_single=True,
)
_COUNT = _Rule("a whole number of 0 or more", _is_count, is_single=True)
_NUMBER = _Rule("a number", _is_number, is_single=True)
_RADIUS = _Rule("a number of 0 or more", lambda value: _is_number(value) and _number(value) >= 0, is_single=True)
_PERCENT = _Rule(
    "a number from 0 to 100", lambda value: _is_number(value) and 0 <= _number(value) <= 100, is_single=True
)
_STRING = _Rule("a string", lambda value: isinstance(value, str), is_single=True)
_ID = _Rule("an IRI (a string without blanks)", _is_iri, is_single=True)

_ANY = {
    "id": _ID, "@id": _ID,
    "type": _Rule("a string, or a list of strings", lambda value: isinstance(value, str)),
    "@type": _Rule("a string, or a list of strings", lambda value: isinstance(value, str)),
    "name": _TEXT, "summary": _TEXT, "content": _TEXT,
    "nameMap": _MAP, "summaryMap": _MAP, "contentMap": _MAP,
    "published": _DATE, "updated": _DATE, "startTime": _DATE, "endTime": _DATE,
    "duration": _Rule("a duration such as PT2H30M (xsd:duration)", _matches(_DURATION), is_single=True),
    "mediaType": _Rule("a MIME media type such as text/html", _matches(_MEDIA), is_single=True),
}  # fmt: skip
_LINK = {
    "href": _STRING,
    "hreflang": _Rule("a language tag (BCP 47)", _matches(_TAG), is_single=True),
    "rel": _Rule("a link relation without blanks and commas", _matches(_REL)),
    "height": _COUNT, "width": _COUNT,
}  # fmt: skip
_COLLECTION = {"totalItems": _COUNT, "startIndex": _COUNT}
_PLACE = {
    "latitude": _NUMBER, "longitude": _NUMBER, "altitude": _NUMBER, "radius": _RADIUS, "accuracy": _PERCENT,
    "units": _STRING,
}  # fmt: skip
_OF_TYPE = {
    **dict.fromkeys(LINKS, _ANY | _LINK),
    **dict.fromkeys(COLLECTIONS, _ANY | _COLLECTION),
    "Place": _ANY | _PLACE,
    "Question": _ANY
    | {"closed": _Rule("a moment, a boolean or an object", lambda v: isinstance(v, str | bool | dict))},
    "Tombstone": _ANY | {"deleted": _DATE},
}


class _Reference(NamedTuple):
    """What a property may point at; no types: any object or link."""

    types: frozenset[str] = frozenset()
    is_single: bool = False
    names_somebody: bool = False


_ANYTHING = (
    "attachment", "audience", "bcc", "bto", "cc", "context", "generator", "icon", "image", "instrument", "location",
    "origin", "preview", "result", "tag", "to", "items", "orderedItems", "anyOf", "oneOf", "relationship",
)  # fmt: skip
_PAGE = _Reference(PAGES | LINKS, is_single=True)
_SOMEBODY = _Reference(names_somebody=True)
_REFERENCES: dict[str, _Reference] = {
    **dict.fromkeys(("actor", "attributedTo", "object", "target", "inReplyTo"), _SOMEBODY),
    **dict.fromkeys(_ANYTHING, _Reference()),
    **dict.fromkeys(("first", "last", "next", "prev", "current"), _PAGE),
    "partOf": _Reference(COLLECTIONS | LINKS, is_single=True),
    "replies": _Reference(COLLECTIONS | LINKS, is_single=True),
    "url": _Reference(LINKS),
    "subject": _Reference(is_single=True),
    "describes": _Reference(is_single=True),
}


def check_context(document: dict[str, Any]) -> None:
    """Refuse a document that is written in another vocabulary.

    A missing context is AS2's own: its media type implies it.

    Raises
    ------
    RejectedRecord
        `@context` is no context, or names others only.
    """
    given = document.get("@context")
    contexts = given if isinstance(given, list) else [given]
    names: list[str] = []
    for context in contexts:
        name = context.get("@vocab") if isinstance(context, dict) else context
        if isinstance(name, str):
            names.append(name)
        elif name is not None:
            raise RejectedRecord(_refusal("@context", f'"{_AS2}", or a list or an object with it', context))
    if names and not any(map(is_as2_context, names)):
        raise RejectedRecord(_refusal("@context", f'"{_AS2}" (others may stand beside it)', given))


def check_object(node: dict[str, Any], where: str = "") -> None:
    """Check an object or link, and what it points at, against the rules.

    Parameters
    ----------
    node : dict
        Nested at most `json_body.MAX_DEPTH` levels.
    where : str
        Path of the object in its document, for the reason: empty, or such as `object.`.

    Raises
    ------
    RejectedRecord
        The reason names the property and what is allowed.

    Examples
    --------
    >>> check_object({"type": "Note", "name": "Hoi"})
    """
    rules = _OF_TYPE.get(main_type(node) or "", _ANY)
    for name, value in node.items():
        if value is None:
            continue
        if name in rules:
            _check_value(rules[name], value, where + name)
        elif name in _REFERENCES:
            _check_reference(_REFERENCES[name], value, where + name)
    _check_type(node, where)


def _check_value(rule: _Rule, value: object, where: str) -> None:
    values = value if isinstance(value, list) else [value]
    if rule.is_single and len(values) > 1:
        raise RejectedRecord(f"`{where}` must be one value, not a list of {len(values)}: {rule.allowed}.")
    for one in values:
        if one is not None and not rule.accepts(one):
            raise RejectedRecord(_refusal(where, rule.allowed, one))


def _check_reference(reference: _Reference, value: object, where: str) -> None:
    values = value if isinstance(value, list) else [value]
    if reference.is_single and len(values) > 1:
        raise RejectedRecord(f"`{where}` must be one object or IRI, not a list of {len(values)}.")
    for one in values:
        if isinstance(one, dict):
            type_ = main_type(one)
            if reference.types and type_ in VOCABULARY - reference.types:
                raise RejectedRecord(f"`{where}` must be a {_either(reference.types)} or an IRI, not a {type_}.")
            check_object(one, f"{where}.")
        elif one is not None and not (_is_iri(one) if reference.names_somebody else isinstance(one, str)):
            raise RejectedRecord(_refusal(where, "an IRI, an object, or a list of these", one))


def _check_type(node: dict[str, Any], where: str) -> None:
    type_ = main_type(node)
    if type_ in COLLECTIONS:
        right, wrong = ("orderedItems", "items") if type_ in ORDERED else ("items", "orderedItems")
        if node.get(wrong) is not None:
            raise RejectedRecord(f"`{where}{wrong}` does not belong in {type_}: its members are `{right}`.")
    if type_ == "Question" and node.get("oneOf") is not None and node.get("anyOf") is not None:
        raise RejectedRecord(f"`{where}oneOf` and `anyOf` cannot stand together in a Question: choose one.")


def _either(types: frozenset[str]) -> str:
    return " or ".join(sorted(types - LINKS) + (["Link"] if types & LINKS else []))


def _refusal(where: str, allowed: str, value: object) -> str:
    text = repr(value) if isinstance(value, str | int | float | bool) else f"{type(value).__name__} {value!r:.60}"
    return f"`{where}` must be {allowed}, not {text if len(text) <= 60 else text[:57] + '...'}."
