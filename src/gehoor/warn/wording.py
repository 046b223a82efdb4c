"""How an alert reads in a mail: one sentence, then first voice and quotes, in Dutch or English."""

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import msgspec

from gehoor.core.alert import Alert, Quote
from gehoor.core.clock import SECOND_US
from gehoor.core.message import Message
from gehoor.core.settings import Settings

__all__ = ["message_of"]

_WORDS: dict[str, dict[str, str]] = {
    "nl": {
        "everything": "Alles samen",
        "title": "{brand}: {what}, {times} keer zo veel als anders",
        "new": "{brand}: {what}, waar het anders stil is",
        "since": "Sinds {time} schreven mensen {n} berichten; normaal zijn dat er {normal}.",
        "sure": "Dit is geen gewone drukte: dat weten we voor {percent} % zeker.",
        "first": "De eerste stem, om {time}:",
        "quotes": "Wat mensen schrijven:",
        "look": "Bekijk het op de pagina Alarmen.",
        "posts": "berichten", "authors": "mensen", "negative": "negatieve berichten", "help": "vragen om hulp",
        "complaint": "klachten", "question": "vragen", "praise": "complimenten", "improvement": "ideeën",
        "leaving": "mensen die weg willen",
    },
    "en": {
        "everything": "Everything together",
        "title": "{brand}: {what}, {times} times the usual",
        "new": "{brand}: {what}, where it is quiet as a rule",
        "since": "Since {time} people wrote {n} posts; normal would be {normal}.",
        "sure": "This is no ordinary day: we are {percent} % sure.",
        "first": "The first voice, at {time}:",
        "quotes": "What people write:",
        "look": "Have a look at the page Alerts.",
        "posts": "posts", "authors": "people", "negative": "negative posts", "help": "calls for help",
        "complaint": "complaints", "question": "questions", "praise": "compliments", "improvement": "ideas",
        "leaving": "people who want to leave",
    },
}  # fmt: skip


def message_of(alert: Alert, settings: Settings) -> Message:
    """Return what is sent when an alert begins: plain text, and HTML in which every quoted word is escaped."""
    words, zone = _WORDS[settings.workspace.interface], ZoneInfo(settings.workspace.timezone)
    known = settings.brands.get(alert.brand)
    brand = (known.label if known and known.label else alert.brand) or words["everything"]
    times = alert.n / alert.expected if alert.expected >= 1 else 0.0
    title = words["title" if times >= 1.5 else "new"].format(
        brand=brand, what=words[alert.measure], times=round(times) if times >= 3 else round(times, 1)
    )
    lines = [
        words["since"].format(time=_time(alert.began_at, zone), n=alert.n, normal=round(alert.expected)),
        words["sure"].format(percent=min(99, int(100 * alert.probability))),
    ]
    quotes = [quote for quote in alert.quotes if quote.text]
    text, html = [*lines, ""], [f"<h1>{escape(title)}</h1>", *(f"<p>{escape(line)}</p>" for line in lines)]
    if alert.first is not None and alert.first.text:
        heading = words["first"].format(time=_time(alert.first.event_at, zone))
        text += [heading, _plain(alert.first), ""]
        html += [f"<h2>{escape(heading)}</h2>", _quoted(alert.first)]
    if quotes:
        text += [words["quotes"], *map(_plain, quotes), ""]
        html += [f"<h2>{escape(words['quotes'])}</h2>", *map(_quoted, quotes)]
    return Message(
        type="alert.began",
        at=alert.detected_at,
        title=title,
        text="\n".join([*text, words["look"]]),
        html="\n".join([*html, f"<p>{escape(words['look'])}</p>"]),
        data=msgspec.to_builtins(alert),
    )


def _time(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at / SECOND_US, zone).strftime("%H:%M")


def _plain(quote: Quote) -> str:
    return f"- {' '.join(quote.text.split())} ({quote.actor_name or '?'}, {quote.channel})"


def _quoted(quote: Quote) -> str:
    return f"<blockquote>{escape(quote.text)}<br><small>{escape(quote.actor_name or '?')}</small></blockquote>"
