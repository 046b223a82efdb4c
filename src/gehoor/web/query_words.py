"""Says in the reader's language what is wrong with a query or the settings: the reasons are English sentences."""

import re
from collections.abc import Iterator
from functools import cache
from string import Formatter

from markupsafe import Markup

from gehoor.web.speech import Speech, catalogue

__all__ = ["query_trouble"]

_PREFIXES = ("query.wrong.", "set.refuses.")
_NOTHING = "none yet"


def query_trouble(reason: str, speech: Speech) -> Markup:
    """Return why a query or a change of settings is refused, in the language of a page, or in English.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> str(query_trouble("There is nothing to look for behind this OR.", Speech("nl", ZoneInfo("UTC"))))
    'Achter deze OR staat niets om naar te zoeken.'
    """
    for key, pattern in _patterns():
        if match := pattern.fullmatch(reason):
            values: dict[str, str | Markup] = match.groupdict()
            if str(values.get("known", "")).startswith(_NOTHING):
                values["known"] = speech.say("set.refuses.none")
            return speech.say(key, **values)
    return Markup.escape(reason)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    english = catalogue("en")
    return [
        (key, re.compile("".join(_pieces(entry))))
        for key, entry in english.items()
        if key.startswith(_PREFIXES) and isinstance(entry, str)
    ]


def _pieces(entry: str) -> Iterator[str]:
    """Yield a sentence as parts of a pattern: what changes may be anything."""
    for text, name, _, _ in Formatter().parse(entry):
        yield re.escape(text)
        if name:
            yield f"(?P<{name}>.+?)"
