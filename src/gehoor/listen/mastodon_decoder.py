"""Decodes what Mastodon-like servers tell: events as their streams send them, one a line."""

from typing import Any

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, RawPage
from gehoor.core.record import Activity
from gehoor.listen.fields import complete
from gehoor.listen.json_body import parse_json
from gehoor.listen.lines import given, refuse
from gehoor.listen.mastodon_status import Server, deletion, notification, says, text_of

__all__ = ["MastodonDecoder"]

_EDITS = frozenset({"status.update", "status_update"})


class MastodonDecoder:
    """Read lines `{"event": ..., "payload": ...}`: `update`, `status.update`, `delete`, `notification`.

    A status is a `Create`, once it was edited an `Update` as recent as its `edited_at`, and a boost an `Announce`. A
    deletion names nothing but the server's number, so that number is the identity of a status (`example.social/
    statuses/1`), and its address on the fediverse stands in `properties`: the same post heard through two servers is
    two rows, and a deletion always hits. Of notifications mentions are what was said; favourites and reactions are a
    `Like`, boosts an `Announce`, follows a `Follow`. Events that tell of nothing said or done are skipped.

    Options of a page: `server` (its host), `ours` (the actor whose token it is: what that one says is `out`).

    Notes
    -----
    Cost: 60 µs a status; the busiest servers pass on some twenty a second.

    Examples
    --------
    >>> line = b'{"event": "update", "payload": {"id": "7", "content": "<p>Hoi</p>"}}'
    >>> page = RawPage(source="s", decoder="mastodon", received=0, payload=line, options={"server": "example.social"})
    >>> MastodonDecoder().decode(page).activities[0].id
    'example.social/statuses/7'
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return one activity or one reject for each line that tells of something."""
        server = Server(page.options.get("server", "mastodon"), page.options.get("ours"))
        defaults = given(page, "mastodon")
        found = Decoded(activities=[], rejects=[], items=[])
        assert found.items is not None
        for item, line in enumerate(page.payload.split(b"\n")):
            if not line.strip():
                continue
            value = None
            try:
                value = parse_json(line)
                activity = _activity(server, value, defaults)
            except RejectedRecord as error:
                found.rejects.append(refuse(page, item, error.reason, line, _id_of(value)))
                continue
            if activity is not None:
                found.activities.append(activity)
                found.items.append(item)
        return found


def _activity(server: Server, value: Any, defaults: dict[str, Any]) -> Activity | None:
    if not isinstance(value, dict) or not isinstance(value.get("event"), str):
        raise RejectedRecord('an event is expected: {"event": "update", "payload": {...}}')
    event, payload = value["event"], value.get("payload")
    fields: dict[str, Any] | None = None
    if event == "update":
        fields = says(server, payload)
    elif event in _EDITS:
        fields = says(server, payload, received=defaults["received"])
    elif event == "delete":
        fields = deletion(server, payload)
    elif event == "notification":
        fields = notification(server, payload)
    return complete(defaults | fields) if fields is not None else None


def _id_of(value: Any) -> str | None:
    payload = value.get("payload") if isinstance(value, dict) else None
    return text_of(payload.get("id")) if isinstance(payload, dict) else None
