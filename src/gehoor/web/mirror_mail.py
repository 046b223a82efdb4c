"""An edition as a mail: HTML in tables, and the same sentences as text."""

from urllib.parse import urlencode

from gehoor.core.edition import Edition
from gehoor.core.message import Message
from gehoor.core.mirror_figure import Index
from gehoor.core.settings import Settings
from gehoor.web.frame import rendered
from gehoor.web.mirror_shown import look_of
from gehoor.web.mirror_text import MirrorText
from gehoor.web.mirror_told import MirrorTold
from gehoor.web.speech import Speech

__all__ = ["mirror_mail", "page_of"]

_LEAST = 2.0
"""So wide, of 100, is a bar at least: an interval of nothing would not be seen."""


def mirror_mail(edition: Edition, speech: Speech, settings: Settings) -> Message:
    """Return the message that carries an edition; its headline is the subject.

    Charts are bars made of cells: many mail programs show no SVG, and ask before they show a picture.
    """
    look, link = look_of(settings), page_of(edition, settings)
    text = MirrorText(edition, speech, look, link)
    html = rendered(
        "mirror_mail.html", speech, edition=edition, told=MirrorTold(edition, speech, look.names), text=text, link=link,
        our_name=look.names.get(edition.brand, edition.brand) or look.name, accent=look.accent,
        bars={index.name: _bar(index) for index in (edition.captivating, edition.binding)},
    )  # fmt: skip
    story = f"mirror:{edition.brand}:{edition.period}"
    data = {"brand": edition.brand, "period": edition.period, "day": edition.last_day}
    return Message(
        type="mirror", at=edition.made_at, title=text.headline, text=str(text), html=html, data=data, story=story
    )


def page_of(edition: Edition, settings: Settings) -> str:
    """Return where an edition stands on the pages; empty where nobody said how they are reached from outside."""
    base = settings.web.public_url
    if base is None:
        return ""
    asked = {"day": edition.last_day, "period": edition.period} | ({"brand": edition.brand} if edition.brand else {})
    return f"{base.rstrip('/')}/mirror?{urlencode(asked)}"


def _bar(index: Index) -> list[tuple[float, bool]]:
    """Return the widths of the cells of a bar from 0 to 100, and which of them the interval is."""
    low, high = index.relative.low, index.relative.high
    if low is None or high is None:
        return []
    start = min(max(low, 0.0), 100.0 - _LEAST)
    end = min(max(high, start + _LEAST), 100.0)
    cells = [(start, False), (end - start, True), (100.0 - end, False)]
    return [(round(width, 1), is_sure) for width, is_sure in cells if width > 0]
