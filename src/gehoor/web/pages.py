"""The pages and what they ask for while they are open."""

from typing import cast

from litestar import Response, get
from litestar.response import ServerSentEvent

from gehoor.core.alert import Alert
from gehoor.core.broken import ill_parts
from gehoor.core.errors import SettingError
from gehoor.web.again import again_of
from gehoor.web.alerts import open_alerts, telling_of
from gehoor.web.drawing import Drawing, when
from gehoor.web.facets import facets_of
from gehoor.web.filters import posts_path, read_filter
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.headline import headline
from gehoor.web.live import Live
from gehoor.web.period import PERIODS, PeriodName
from gehoor.web.posts import SIGNS, chips_of, listing_of, n_newer
from gehoor.web.today import Counted, Today

__all__ = ["HANDLERS"]

_REJECTS = 50
_MOST_MARKS = 6


@get("/", sync_to_thread=True)
def today_page(request: Ask) -> Response[str]:
    """Show *Today*; only its content when the open page asks for itself again."""
    frame = frame_of(request)
    name: PeriodName = next((name for name in PERIODS if name == frame.query.get("period")), "today")
    brand = frame.query.get("brand", "")
    counted = cast(Counted, request.app.state.counted)
    today = counted.today(name, brand if brand in frame.site.brands() else "")
    alerts = [alert for alert in _alerts(frame, today) if not today.brand or alert.brand == today.brand]
    going = open_alerts(alerts, frame.now)
    shown = telling_of(frame.site, frame.speech, frame.now, going[:1])
    return frame.page(
        "_today.html" if frame.is_part else "today.html", "today",
        today=today, sentence=headline(today, frame.speech), when=when(today.period, frame.speech, today.now),
        curve=_curve(frame, today, alerts), sources=frame.site.reader.sources(), signs=SIGNS,
        sample=counted.sample(today.base), telling=shown[0] if shown else None, more=len(going) - 1,
    )  # fmt: skip


def _alerts(frame: Frame, today: Today) -> list[Alert]:
    return frame.site.reader.alerts(since=today.period.since, until=today.period.until)


def _curve(frame: Frame, today: Today, alerts: list[Alert]) -> Drawing:
    """Return the curve, with the gravest of the alerts that were raised in its time."""
    here = [a for a in alerts if a.verdict != "false" and today.period.since <= a.detected_at < today.period.until]
    gravest = sorted(here, key=lambda alert: (-alert.level, -alert.detected_at))[:_MOST_MARKS]
    tellings = telling_of(frame.site, frame.speech, frame.now, sorted(gravest, key=lambda alert: alert.detected_at))
    return Drawing(
        period=today.period, points=today.points, base=today.base, speech=frame.speech, now=today.now,
        expected=today.expected, marks=[telling.mark for telling in tellings],
    )  # fmt: skip


@get("/posts", sync_to_thread=True)
def posts_page(request: Ask) -> Response[str]:
    """Show the posts of a filter; only the next ones when the list asks for older."""
    frame = frame_of(request)
    wanted = read_filter(frame.query)
    listing = listing_of(frame.site, wanted, _offset(frame.query.get("before")))
    if frame.is_part:
        return frame.page("_posts.html", "posts", listing=listing, signs=SIGNS)
    chips = chips_of(frame, wanted)
    return frame.page(
        "posts.html", "posts", chips=chips, facets=facets_of(frame, wanted), listing=listing, wanted=wanted, signs=SIGNS
    )


@get("/posts/new", sync_to_thread=True)
def new_posts(request: Ask) -> Response[str]:
    """Say how many posts wait above the list, so that nothing jumps while somebody reads."""
    frame = frame_of(request)
    wanted = read_filter(frame.query)
    after = _offset(frame.query.get("after")) or 0
    return frame.page("_new.html", "posts", n=n_newer(frame.site, wanted, after), href=posts_path(wanted))


@get("/sources", sync_to_thread=True)
def sources_page(request: Ask) -> Response[str]:
    """Show how each source does, and what could not be read."""
    frame = frame_of(request)
    reader = frame.site.reader
    only = frame.query.get("source") or None
    return frame.page(
        "_sources.html" if frame.is_part else "sources.html", "sources",
        sources=reader.sources(), rejects=reader.rejects(_REJECTS, only), most=_REJECTS, only=only, tried=_tried(frame),
        dropped=reader.dropped_counts(), again=again_of(frame.site), ill=ill_parts(reader),
    )  # fmt: skip


@get("/live")
async def live(request: Ask) -> ServerSentEvent:
    """Stream a word whenever something was heard."""
    return cast(Live, request.app.state.live).answer()


HANDLERS = [today_page, posts_page, new_posts, sources_page, live]


def _tried(frame: Frame) -> tuple[str, int, int] | None:
    """What a second try at a source's rejects gave, as the address says it."""
    name = frame.query.get("again")
    return (name, _offset(frame.query.get("taken_in")) or 0, _offset(frame.query.get("kept")) or 0) if name else None


def _offset(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise SettingError(f"{text[:40]!r} is not an offset; it must be a whole number.")
    return int(text)
