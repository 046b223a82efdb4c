"""The address of a list of posts: a `PostFilter` as a query string, and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.reader import PostFilter

__all__ = ["TIMES", "chosen", "posts_path", "read_filter", "write_filter"]

TIMES = frozenset({"since", "until"})
NUMBERS = frozenset({"campaign", "topic", "duplicate_of", "seq", "from_seq"})
SWITCHES = frozenset({"is_copy"})
_LONGEST = 500


def write_filter(wanted: PostFilter) -> str:
    """Return the query string of a filter; only what narrows it, in the record's order.

    Examples
    --------
    >>> write_filter(PostFilter(intent="help", since=1_776_168_000_000_000))
    'intent=help&since=2026-04-14T12%3A00%3A00Z'
    """
    return urlencode([(name, _write(name, value)) for name, value in chosen(wanted)])


def posts_path(wanted: PostFilter) -> str:
    """Return where the posts of a filter are: the link behind every number."""
    query = write_filter(wanted)
    return f"/posts?{query}" if query else "/posts"


def chosen(wanted: PostFilter) -> list[tuple[str, str | int]]:
    """Return the fields that narrow the filter, with their values."""
    return [(name, value) for name, value in msgspec.structs.asdict(wanted).items() if value is not None]


def read_filter(query: Mapping[str, str]) -> PostFilter:
    """Return the filter of a query string; unknown names are left to others, empty values narrow nothing.

    Raises
    ------
    SettingError
        If a time or number cannot be read.
    """
    known = PostFilter.__struct_fields__
    values = {name: _read(name, query[name].strip()) for name in known if query.get(name, "").strip()}
    return msgspec.convert(values, PostFilter)


def _write(name: str, value: str | int) -> str:
    if name in SWITCHES:
        return "yes" if value else "no"
    if name not in TIMES:
        return str(value)
    whole, micros = divmod(int(value), SECOND_US)
    when = datetime.fromtimestamp(whole, UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}" + (f".{micros:06d}Z" if micros else "Z")


def _read(name: str, text: str) -> str | int:
    if name in SWITCHES:
        return text != "no"
    if name not in TIMES | NUMBERS:
        return text[:_LONGEST]
    try:
        return _number(text) if name in NUMBERS else _micros(text)
    except (ValueError, OverflowError) as error:
        example = "123" if name in NUMBERS else "2026-04-14T12:00:00Z"
        raise SettingError(f"{name}={text[:40]} cannot be read; write it like {name}={example}.") from error


def _number(text: str) -> int:
    number = int(text[:20])
    if not 0 <= number < 2**63:
        raise OverflowError
    return number


def _micros(text: str) -> int:
    when = datetime.fromisoformat(text)
    when = when.replace(tzinfo=when.tzinfo or UTC)
    return int(when.replace(microsecond=0).timestamp()) * SECOND_US + when.microsecond
