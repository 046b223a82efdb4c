"""Finds out which column of a table is which field of `Activity`: by mapping, by preset, by name."""

import csv
import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gehoor.core.errors import SettingError
from gehoor.listen.fields import FIELDS, direction_of

__all__ = ["INBOUND", "READERS", "TWCS", "delimiter_of", "header_of", "is_twcs", "map_columns"]

INBOUND = "inbound"
"""Not a field but a way to write `direction`: true from a customer, false from us."""

READERS: Mapping[str, Callable[[Any, str], Any]] = {**FIELDS, INBOUND: direction_of}

TWCS: tuple[dict[str, str], ...] = (
    {
        "id": "tweet_id", "actor": "author_id", INBOUND: "inbound", "published": "created_at", "text": "text",
        "in_reply_to": "in_response_to_tweet_id",
    },
    {name: name for name in ("id", "actor", INBOUND, "published", "text", "in_reply_to")},
)  # fmt: skip
"""Customer Support on Twitter, as published and tidied up; the column with the ids of the replies stays a property."""

_TWCS_HEADERS = (
    {"tweet_id", "author_id", "inbound", "created_at", "text", "response_tweet_id", "in_response_to_tweet_id"},
    {"id", "published", "actor", "inbound", "text", "in_reply_to", "replies"},
)
_ALIASES = {
    "text": "content message body post comment review tweet full_text tekst bericht reactie opmerking",
    "id": "tweet_id post_id message_id comment_id review_id status_id",
    "published": "created_at date created time timestamp datetime published_at posted_at datum tijdstip",
    "actor": "author_id user_id author user username customer_id auteur gebruiker klantnummer",
    "actor_name": "author_name user_name display_name naam",
    "actor_followers": "followers followers_count",
    "in_reply_to": "in_response_to_tweet_id in_reply_to_id in_reply_to_status_id parent_id reply_to",
    "conversation": "conversation_id thread_id",
    "language": "lang taal",
    "url": "link permalink",
    "likes": "like_count favorite_count",
    "reposts": "retweet_count repost_count",
    INBOUND: "is_inbound",
}
_CONTENT = ("text", "html", "event", "object")
_DELIMITERS = ",;\t|"


def delimiter_of(line: str) -> str:
    """Return the delimiter that occurs most in a header line; a comma where none does.

    Examples
    --------
    >>> delimiter_of("id;published;text, as written")
    ';'
    """
    line = re.sub(r'"[^"]*"', "", line)
    return max(_DELIMITERS, key=line.count)


def header_of(line: str, delimiter: str) -> list[str]:
    """Return the names of the columns; one without a name gets `column <n>`.

    Raises
    ------
    SettingError
        When two columns have the same name.
    """
    names = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    names = [name or f"column {n}" for n, name in enumerate(names, start=1)]
    for name in names:
        if names.count(name) > 1:
            raise SettingError(f"two columns are named {name!r}: give each a name of its own.")
    return names


def is_twcs(header: Sequence[str]) -> bool:
    """Tell whether this is Customer Support on Twitter."""
    return set(header) in _TWCS_HEADERS


def map_columns(header: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return which column holds which field (our name -> theirs); columns that are no field become properties.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    columns : mapping
        What the user says; it comes first. The rest is found by preset, then by name.

    Raises
    ------
    SettingError
        When the mapping names what does not exist, or when nothing holds a text, event or object.
    """
    for ours, theirs in columns.items():
        _check(ours, READERS, "columns", "a field of ours")
        _check(theirs, header, f"columns.{ours}", "a column of the file")
    preset = next((preset for preset, names in zip(TWCS, _TWCS_HEADERS, strict=True) if names == set(header)), None)
    found = dict(columns)
    taken = set(found.values())
    for ours, theirs in (preset if preset is not None else _by_name(header)).items():
        if ours not in found and theirs not in taken:
            found[ours] = theirs
            taken.add(theirs)
    if not any(name in found for name in _CONTENT):
        example = (
            f'columns = {{ text = "{header[-1] if header else "message"}", id = "{header[0] if header else "nr"}" }}'
        )
        raise SettingError(f"no column holds a text. Columns: {', '.join(header)}. Say which is which: {example}")
    return found


def _check(name: str, allowed: Sequence[str] | Mapping[str, object], where: str, what: str) -> None:
    if name not in allowed:
        near = difflib.get_close_matches(name, list(allowed), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise SettingError(f"{where}: {name!r} is not {what}.{hint} Known: {', '.join(allowed)}.")


def _by_name(header: Sequence[str]) -> dict[str, str]:
    """Match names as people write them: `Created at`, `created-at` and `created_at` are one."""
    plain = {re.sub(r"[\s.-]+", "_", name.strip().lower()): name for name in reversed(header)}
    found = {ours: plain[ours] for ours in READERS if ours in plain}
    for ours, words in _ALIASES.items():
        name = next((plain[word] for word in words.split() if word in plain), None)
        if name is not None:
            found.setdefault(ours, name)
    return found
