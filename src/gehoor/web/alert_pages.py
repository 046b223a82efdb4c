"""*Alerts*: what grew, and all that is known about one of them."""

from typing import Literal, get_args

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from gehoor.core.alert import ROLES, Alert
from gehoor.web.alert_order import in_order
from gehoor.web.alert_told import told_of, waits_of
from gehoor.web.alerts import Telling, id_of, telling_of
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.proof import proof_of
from gehoor.web.story_pages import story_links

__all__ = ["ALERT_PAGES"]

State = Literal["open", "over", "false"]
_MOST = 200


@get("/alerts", sync_to_thread=True)
def alerts_page(request: Ask) -> Response[str]:
    """Show what was warned of, by story, gravest and newest first, of one brand or state if one is chosen."""
    frame = frame_of(request)
    brand, state = frame.query.get("brand", ""), frame.query.get("state", "")
    found = [
        alert
        for alert in frame.site.reader.alerts(limit=_MOST)
        if (not brand or alert.brand == brand) and (state not in get_args(State) or _state(alert) == state)
    ]
    links = story_links(frame, request, found)
    found = in_order(found, {id_: href for id_, (href, _) in links.items()}, frame.now)
    return frame.page(
        "_alerts.html" if frame.is_part else "alerts.html", "alerts",
        tellings=_told(frame, found), states=get_args(State), is_narrow=bool(brand or state), most=_MOST,
        proof=proof_of(frame.site, frame.now), stories=links,
    )  # fmt: skip


@get("/alerts/count", sync_to_thread=True)
def open_count(request: Ask) -> Response[str]:
    """Say how many alerts go on: the number beside the room's name, which an open page asks for by itself."""
    return frame_of(request).page("_count.html", "alerts")


@get("/alerts/{name:str}", sync_to_thread=True)
def alert_page(request: Ask, name: FromPath[str]) -> Response[str]:
    """Show one alert: how strong, how it went, who began it and who carries it, who was told."""
    frame = frame_of(request)
    alert = frame.site.reader.alert(id_of(name))
    if alert is None:
        raise NotFoundException
    telling = Telling(frame.site, alert, frame.speech, frame.now)
    told = told_of(frame.site, alert)
    return frame.page(
        "_alert.html" if frame.is_part else "alert.html", "alerts",
        telling=telling, alert=alert, curve=telling.curve, told=told, roles=ROLES,
        waits=waits_of(frame.site, alert, told, frame.now), tells=frame.site.settings.alerts,
        story=story_links(frame, request, [alert]).get(alert.id),
    )  # fmt: skip


ALERT_PAGES = [alerts_page, open_count, alert_page]


def _state(alert: Alert) -> State:
    if alert.verdict == "false":
        return "false"
    return "open" if alert.ended_at is None else "over"


def _told(frame: Frame, alerts: list[Alert]) -> list[Telling]:
    return telling_of(frame.site, frame.speech, frame.now, alerts)
