"""The judgements that a person may correct, and the words for each: what pages, commands and examples share."""

from collections.abc import Mapping

from gehoor.core.errors import SettingError
from gehoor.core.languages import ISO_639_1

__all__ = ["JUDGED", "JUDGEMENTS", "SPAM", "check_judgement"]

SPAM = "person"
"""What stands in `spam` where a person said that it is; no word: that it is none."""

JUDGEMENTS: Mapping[str, tuple[str, ...]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "intent": ("help", "complaint", "question", "praise", "improvement", "leaving", "other"),
    "need": (
        "delivery", "refund", "invoice", "payment", "outage", "product", "staff", "price", "app", "account",
        "cancellation", "contract", "booking", "information", "waiting", "safety", "privacy", "accessibility",
        "environment", "general", "",
    ),
    "actionability": ("answer", "aggregate", "none"),
    "urgency": ("low", "normal", "high", "critical"),
    "emotion": ("anger", "worry", "disappointment", "joy", "gratitude", "none"),
    "motive": ("price", "delivery", "staff", "range", "design", "ease", "energy", "trust", "society", "none"),
    "spam": ("", SPAM),
    "language": (*sorted(ISO_639_1), "und"),
}  # fmt: skip
"""Each judged column with the words that it may hold; an empty one stands for null."""

JUDGED = ("sentiment", "intent", "need", "actionability", "urgency", "emotion", "motive")
"""Those that a head of `understand` gives, of the text alone."""


def check_judgement(task: str, value: str) -> None:
    """Refuse what is no judgement, in words.

    Raises
    ------
    SettingError
        Naming what is known.

    Examples
    --------
    >>> check_judgement("sentiment", "negative")
    """
    if task not in JUDGEMENTS:
        known = ", ".join(JUDGEMENTS)
        raise SettingError(f"{task[:40]!r} is no judgement that can be corrected. Known: {known}.")
    if value not in JUDGEMENTS[task]:
        known = "codes of two letters such as nl, or und" if task == "language" else ", ".join(JUDGEMENTS[task])
        raise SettingError(f"{task} = {value[:40]!r} is no word for that judgement. Known: {known.strip(', ')}.")
