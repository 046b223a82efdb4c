"""Decodes JSON lines in the plain form: the keys are the names of `core.record.Activity`."""

from typing import Any

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, RawPage, Reject
from gehoor.core.record import Activity
from gehoor.listen.fields import FIELDS, complete, json_text
from gehoor.listen.lines import given, json_of, refuse, refuse_oversize

__all__ = ["PlainDecoder"]

_TEXTS = frozenset(name for name, read in FIELDS.items() if read is FIELDS["text"])
_LINES = msgspec.json.Decoder()


class PlainDecoder:
    """Read JSON lines whose keys are the fields of `Activity`; `id`, `published`, `actor`, `text` are the usual ones.

    Ids may be numbers; `published` is read by `listen.times.parse_time`; a missing id is derived from the row's content
    (`listen.fields.complete`). Keys that we do not know are kept, untouched, in `properties`, as is `received`: when
    it was heard is for us to say. Empty lines are skipped; a line that cannot be read is a reject with its reason.

    Options of a page: `channel`, `language`, `direction`, `actor` (defaults for every row), `columns` (our field ->
    their key), `encoding` (of lines that are not UTF-8), `oversize` and `limit` (set by the file source).

    Notes
    -----
    Cost: 4 µs a post.

    Examples
    --------
    >>> page = RawPage(source="s", decoder="plain", received=0, payload=b'{"id": 7, "text": "Hoi"}')
    >>> PlainDecoder().decode(page).activities[0].id
    '7'
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return one activity or one reject for each line that is not empty."""
        oversize = refuse_oversize(page)
        if oversize is not None:
            return oversize
        defaults = given(page, "file")
        ours = {theirs: name for name, theirs in page.options.get("columns", {}).items()}
        try:
            rows = _LINES.decode_lines(page.payload)
        except (ValueError, RecursionError):  # one bad line, whichever: read them one by one
            return _one_by_one(page, defaults, ours)
        if len(rows) != _n_lines(page.payload):  # empty lines, or two values on one line
            return _one_by_one(page, defaults, ours)
        activities: list[Activity] = []
        try:
            for row in rows:
                activities.append(_activity(row, defaults, ours))
        except RejectedRecord:
            return _one_by_one(page, defaults, ours)
        return Decoded(activities=activities)


def _n_lines(payload: bytes) -> int:
    return payload.count(b"\n") + (payload[-1:] not in {b"\n", b""})


def _one_by_one(page: RawPage, defaults: dict[str, Any], ours: dict[str, str]) -> Decoded:
    activities: list[Activity] = []
    rejects: list[Reject] = []
    items: list[int] = []
    encoding = page.options.get("encoding")
    for item, line in enumerate(page.payload.split(b"\n")):
        if not line.strip():
            continue
        row = None
        try:
            row = json_of(line, encoding)
            activities.append(_activity(row, defaults, ours))
            items.append(item)
        except RejectedRecord as error:
            id_ = row.get("id") if isinstance(row, dict) else None
            reason = f"line {page.position + item}: {error.reason}"
            rejects.append(refuse(page, item, reason, line, id_ if isinstance(id_, str) else None))
    return Decoded(activities=activities, rejects=rejects, items=items)


def _activity(row: Any, defaults: dict[str, Any], ours: dict[str, str]) -> Activity:
    if not isinstance(row, dict):
        raise RejectedRecord('a JSON object is expected, such as {"id": ..., "published": ..., "text": ...}')
    if ours:
        row = {ours.get(key, key): value for key, value in row.items()}
    fields = defaults.copy()
    rest: dict[str, Any] = {}
    for name, value in row.items():
        if name in _TEXTS and type(value) is str and value:  # nearly every value: spared a call
            fields[name] = value
        elif value is not None:
            read = FIELDS.get(name)
            known, where = (value, rest) if read is None else (read(value, name), fields)
            if known is not None:
                where[name] = known
    if rest:
        fields["properties"] = _with_rest(row.get("properties"), rest)
    return complete(fields)


def _with_rest(properties: object, rest: dict[str, Any]) -> str:
    """Put the unknown keys beside what stood in `properties`."""
    if properties is None:
        return json_text(rest)
    if isinstance(properties, str):
        properties = json_of(json_text(properties).encode(), None)
    return json_text({**rest, **properties} if isinstance(properties, dict) else {**rest, "properties": properties})
