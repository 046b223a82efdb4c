"""By which way an answer to a message leaves, how much fits, and why not, where it cannot."""

from collections.abc import Sequence
from typing import Literal

from gehoor.core import registry
from gehoor.core.desk import Message
from gehoor.core.errors import SettingError
from gehoor.core.reader import PostFilter
from gehoor.run.repliers import Limit, limit_of
from gehoor.web.site import Site

__all__ = ["Missing", "answered_of", "way_of", "ways_of"]

_MOST = 8

Missing = Literal["gone", "channel", "replier"]
"""`gone`: there is no message to answer."""


def answered_of(
    site: Site, messages: Sequence[Message], to: int | None = None
) -> tuple[Message | None, Limit | Missing]:
    """Return which message an answer goes to, and its way: the one chosen, else the newest that can be answered.

    What was said on the phone is answered where they wrote before. Where none can be, the newest, and what is missing.
    """
    ways = ways_of(site, messages)
    able = [pair for pair in ways if not isinstance(pair[1], str)]
    chosen = [pair for pair in able if pair[0].seq == to]
    return next(iter(chosen or able or ways), (None, "gone"))


def ways_of(site: Site, messages: Sequence[Message]) -> list[tuple[Message, Limit | Missing]]:
    """Return where they wrote from, each channel and account once: its newest message, and its way; newest first."""
    newest: dict[tuple[str, str | None], Message] = {}
    for message in reversed(messages):
        if message.direction == "in" and not message.was:
            newest.setdefault((message.channel, message.actor), message)
    return [(message, way_of(site, message)) for message in list(newest.values())[:_MOST]]


def way_of(site: Site, message: Message) -> Limit | Missing:
    """Return the way to whoever wrote a message; or what is missing.

    `channel`: nothing of ours answers there; `replier`: none was set up.
    """
    found = site.reader.posts(PostFilter(seq=message.seq), 1, before=message.seq + 1)
    try:
        return limit_of(site.settings, message.channel, found[0].source if found else None, site.clock)
    except SettingError:
        kinds = registry.names("repliers")
        is_known = any(registry.load("repliers", kind).channel == message.channel for kind in kinds)
        return "replier" if is_known else "channel"
