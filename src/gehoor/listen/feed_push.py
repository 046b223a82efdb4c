"""Subscribes to the hubs of feeds (WebSub), so that news comes at once; visits go on, since hubs forget."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.errors import GehoorError
from gehoor.core.settings import Settings
from gehoor.listen.feed_entry import Feed, shown, web_address
from gehoor.listen.http import Http
from gehoor.listen.websub import PATH, WebSubOptions, callback_query, secret_for

__all__ = ["Hub", "Push", "hub_of"]

Hub = tuple[str, str]
"""Where news of a feed can be had at once, and the feed's name there."""

_LEASE_S = 10 * 86_400
_RENEW_S, _RETRY_S = 86_400.0, 3_600.0  # long before the lease ends; what a hub refuses may be mended in an hour
_ACCEPTED = (200, 201, 202, 204)
_LINK = re.compile(r"<([^<>]{1,2000})>\s*;[^,<]{0,200}?\brel=\"?(hub|self)\b")


def hub_of(headers: Mapping[str, str], feed: Feed, url: str) -> Hub | None:
    """Return the hub of a feed, by its headers (as the standard prefers) or as the document says; None without one."""
    links = {rel: address for address, rel in reversed(_LINK.findall(headers.get("link", "")[:8_000]))}
    hub = web_address(links.get("hub")) or feed.hub
    return (hub, web_address(links.get("self")) or feed.topic or url) if hub else None


class Push:
    """The subscriptions of a source.

    Parameters
    ----------
    callback : str
        Where hubs reach our receiver, without its query.
    master : str
        The receiver's secret.
    """

    def __init__(self, callback: str, master: str, clock: Clock) -> None:
        self._callback, self._master, self._clock = callback, master, clock
        self._due: dict[Hub, int] = {}
        self._troubles: dict[Hub, str] = {}

    @property
    def trouble(self) -> str | None:
        """What is wrong with a hub, if anything is."""
        return next(iter(self._troubles.values()), None)

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> "Push | None":
        """Return what the settings allow: `[web] public_url` and a receiver of type `websub`; else None."""
        options = [part.options for part in settings.receivers.values() if isinstance(part.options, WebSubOptions)]
        public = settings.web.public_url
        return cls(public.rstrip("/") + PATH, options[0].secret, clock) if public and options else None

    async def keep(self, http: Http, hub: Hub, address: str, channel: str) -> None:
        """Subscribe, or renew, when it is time; a hub that fails costs nothing, since visits go on.

        Parameters
        ----------
        address : str
            Of the feed, as its source visits it.
        """
        now = self._clock.now()
        if now < self._due.get(hub, now):
            return
        where, topic = hub
        query = callback_query(self._master, channel, shown(address), topic)
        form = {
            "hub.mode": "subscribe",
            "hub.topic": topic,
            "hub.callback": f"{self._callback}?{query}",
            "hub.secret": secret_for(self._master, query),
            "hub.lease_seconds": str(_LEASE_S),
        }
        wait_s = _RENEW_S
        self._troubles.pop(hub, None)
        try:
            headers = {"content-type": "application/x-www-form-urlencoded"}
            await http.post(where, urlencode(form).encode(), headers=headers, ok=_ACCEPTED)
        except GehoorError as error:
            wait_s = max(_RETRY_S, getattr(error, "retry_after_s", None) or 0.0)
            self._troubles[hub] = f"The hub of a feed fails, so its news comes a little later. {error}"
        self._due[hub] = now + round(wait_s * SECOND_US)
