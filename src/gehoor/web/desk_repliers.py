"""By which way an answer to a message leaves, how much fits, and why not, where it cannot."""

from typing import Literal

from gehoor.core import registry
from gehoor.core.desk import Message
from gehoor.core.errors import SettingError
from gehoor.core.reader import PostFilter
from gehoor.run.repliers import Limit, limit_of
from gehoor.web.site import Site

__all__ = ["Missing", "way_of"]

Missing = Literal["gone", "channel", "replier"]


def way_of(site: Site, message: Message | None) -> Limit | Missing:
    """Return the way to whoever wrote a message; or what is missing.

    `gone`: there is no message to answer; `channel`: nothing of ours answers there; `replier`: none was set up.
    """
    if message is None:
        return "gone"
    found = site.reader.posts(PostFilter(seq=message.seq), 1, before=message.seq + 1)
    try:
        return limit_of(site.settings, message.channel, found[0].source if found else None, site.clock)
    except SettingError:
        kinds = registry.names("repliers")
        is_known = any(registry.load("repliers", kind).channel == message.channel for kind in kinds)
        return "replier" if is_known else "channel"
