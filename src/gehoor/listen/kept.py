"""Decodes what gehoor itself kept aside: activities that were read once, one JSON line each."""

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, RawPage, Reject
from gehoor.core.record import Activity
from gehoor.listen.lines import json_of, refuse

__all__ = ["KeptDecoder"]

_NUMBERS = ("rev", "published", "actor_followers", "views", "replies", "reposts", "likes")
_MOST = 1 << 63
_decode = msgspec.json.Decoder(Activity).decode


class KeptDecoder:
    """Read `Activity` as gehoor writes it, field by field; all of it is as it was, save when it was heard.

    Notes
    -----
    Cost: 4 µs a post.

    Examples
    --------
    >>> page = RawPage(source="s", decoder="kept", received=9, payload=b'{"id": "7", "received": 1, "channel": "mail"}')
    >>> KeptDecoder().decode(page).activities[0].received
    9
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return one activity or one reject for each line that is not empty."""
        activities: list[Activity] = []
        rejects: list[Reject] = []
        items: list[int] = []
        for item, line in enumerate(page.payload.split(b"\n")):
            if not line.strip():
                continue
            try:
                activities.append(_activity(line, page.received))
                items.append(item)
            except RejectedRecord as error:
                rejects.append(refuse(page, item, error.reason, line))
        return Decoded(activities=activities, rejects=rejects, items=items)


def _activity(line: bytes, received: int) -> Activity:
    try:
        activity = _decode(line)
    except (ValueError, RecursionError) as error:
        json_of(line, None)  # what is no JSON at all is said with its column
        raise RejectedRecord(f"no activity as gehoor keeps it: {error}") from None
    if not activity.id or not activity.channel:
        raise RejectedRecord("no activity as gehoor keeps it: it has no id or no channel")
    if any(abs(getattr(activity, name) or 0) >= _MOST for name in _NUMBERS):
        raise RejectedRecord("no activity as gehoor keeps it: a number is out of range")
    return msgspec.structs.replace(activity, received=received)
