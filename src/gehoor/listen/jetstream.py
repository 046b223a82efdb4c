"""Decodes what a Jetstream of Bluesky sends: JSON lines, one message each."""

import hashlib
from typing import Annotated, Literal

import msgspec

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, RawPage, Reject
from gehoor.core.record import Activity, Type
from gehoor.listen.bluesky_record import LIKE, POST, REPOST, Record, happened, micros_of, said, web_url
from gehoor.listen.lines import json_of, refuse
from gehoor.listen.times import parse_time

__all__ = ["CHANNEL", "JetstreamDecoder", "place_of"]

CHANNEL = "bluesky"

_LONGEST = 1 << 20  # no record may be longer, and no post comes near it
_AHEAD_US = 300 * SECOND_US
_REACTIONS: dict[str, Type] = {LIKE: "Like", REPOST: "Announce"}
_Name = Annotated[str, msgspec.Meta(min_length=1)]
_Micros = Annotated[int, msgspec.Meta(ge=0, lt=2**52)]


class _Commit(msgspec.Struct, gc=False):
    operation: Literal["create", "update", "delete"]
    collection: str
    rkey: _Name
    rev: str = ""
    record: Record | None = None


class _Account(msgspec.Struct, gc=False):
    status: str | None = None
    time: str | None = None


class _Message(msgspec.Struct, gc=False):
    did: _Name
    time_us: _Micros
    kind: str
    commit: _Commit | None = None
    account: _Account | None = None


class _Collection(msgspec.Struct, gc=False):
    collection: str


class _Outline(msgspec.Struct, gc=False):
    kind: str
    commit: _Collection | None = None


_messages = msgspec.json.Decoder(_Message)
_outlines = msgspec.json.Decoder(_Outline)


class JetstreamDecoder:
    """Read the messages of a Jetstream: what becomes of posts, likes and reposts, and of accounts.

    An id is the address of the record (`at://did/collection/rkey`); an edit or deletion adds `#` and the revision of
    its commit. `published` is what the app tells, but never later than the commit: anybody may write any date.
    A deleted account is a `Delete` whose object is its actor. A new handle, an account that sleeps or is taken down,
    and collections that nobody asked for say nothing that we keep.

    Notes
    -----
    Cost: 10 µs a post with all that a post can have, 3 µs a like. Positions are the times of messages, or digests of
    those that are refused, so that what comes twice is refused once.

    Examples
    --------
    >>> line = b'{"did": "did:plc:a", "time_us": 5, "kind": "commit", "commit": {"operation": "delete", '
    >>> line += b'"collection": "app.bsky.feed.like", "rkey": "k", "rev": "3l3qo2vutsw2b"}}'
    >>> page = RawPage(source="s", decoder="jetstream", received=9, payload=line)
    >>> JetstreamDecoder().decode(page).activities[0].object
    'at://did:plc:a/app.bsky.feed.like/k'
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return the activities of a page, and a reject for each line that makes no sense."""
        found = Decoded(activities=[], rejects=[], items=[], raws=[])
        assert found.items is not None and found.raws is not None
        for line in page.payload.split(b"\n"):
            try:
                _check_length(line)
                message = _messages.decode(line)
                activity = _activity(message, page)
            except (msgspec.MsgspecError, RejectedRecord, RecursionError, ValueError) as error:
                _put_aside(page, line, error, found.rejects)
                continue
            if activity is not None:
                found.activities.append(activity)
                found.items.append(message.time_us)
                found.raws.append(line)
        return found


def place_of(raw: bytes) -> int:
    """Return a position for an item that has none of its own: 48 bits of its digest."""
    return int.from_bytes(hashlib.blake2b(raw, digest_size=6).digest(), "little")


def _check_length(line: bytes) -> None:
    if len(line) > _LONGEST:
        raise RejectedRecord(f"a message of {len(line):,} bytes, at most {_LONGEST:,} are read; its start is kept")


def _activity(message: _Message, page: RawPage) -> Activity | None:
    commit, account = message.commit, message.account
    if commit is not None:
        uri = f"at://{message.did}/{commit.collection}/{commit.rkey}"
        if commit.collection == POST:
            return _post(message, commit, uri, page)
        if commit.collection in _REACTIONS:
            return _reaction(message, commit, uri, page)
    elif account is not None and account.status == "deleted":
        at = _said_at(account, message)
        return _gone("Delete", f"{message.did}#deleted:{at}", message.did, at, page)
    return None


def _post(message: _Message, commit: _Commit, uri: str, page: RawPage) -> Activity:
    at = _committed_at(commit, message)
    if commit.operation == "delete":
        return _gone("Delete", f"{uri}#{commit.rev or at}", uri, at, page)
    record = _record(commit)
    is_edit = commit.operation == "update"
    return Activity(
        id=f"{uri}#{commit.rev or at}" if is_edit else uri,
        type="Update" if is_edit else "Create",
        object=uri if is_edit else None,
        rev=at if is_edit else 0,
        published=happened(record, at),
        received=page.received,
        channel=CHANNEL,
        heard_by=page.source,
        actor=message.did,
        url=web_url(message.did, commit.rkey),
        **said(record, message.did),
    )


def _reaction(message: _Message, commit: _Commit, uri: str, page: RawPage) -> Activity:
    at = _committed_at(commit, message)
    if commit.operation == "delete":
        return _gone("Undo", f"{uri}#{commit.rev or at}", uri, at, page)
    record = _record(commit)
    if record.subject is None or not record.subject.uri:
        raise RejectedRecord("it does not say what is liked or passed on: record.subject.uri is missing")
    return Activity(
        id=uri,
        type=_REACTIONS[commit.collection],
        object=record.subject.uri,
        published=happened(record, at),
        received=page.received,
        channel=CHANNEL,
        heard_by=page.source,
        actor=message.did,
    )


def _gone(type_: Type, id_: str, what: str, at: int, page: RawPage) -> Activity:
    """Return that something is gone: a post, a like, or the whole account that the address begins with."""
    return Activity(
        id=id_,
        type=type_,
        object=what,
        published=at,
        received=page.received,
        channel=CHANNEL,
        heard_by=page.source,
        actor=what.removeprefix("at://").partition("/")[0],
    )


def _record(commit: _Commit) -> Record:
    if commit.record is None:
        raise RejectedRecord("it does not say what was written: commit.record is missing")
    return commit.record


def _committed_at(commit: _Commit, message: _Message) -> int:
    """Return when a commit was made; a server that claims a moment to come is not believed."""
    at = micros_of(commit.rev)
    return at if at and at <= message.time_us + _AHEAD_US else message.time_us


def _said_at(account: _Account, message: _Message) -> int:
    try:
        return min(parse_time(account.time), message.time_us)
    except RejectedRecord:
        return message.time_us


def _put_aside(page: RawPage, line: bytes, error: Exception, rejects: list[Reject]) -> None:
    """Refuse a line; but not an empty one, nor what is about something that we do not read."""
    reason = str(error)
    if not isinstance(error, RejectedRecord):
        if not line.strip() or _is_foreign(line):
            return
        reason = f"no message of a Jetstream: {reason}"
        try:
            json_of(line, None)
        except RejectedRecord as broken:
            reason = broken.reason
    rejects.append(refuse(page, place_of(line), reason, line))


def _is_foreign(line: bytes) -> bool:
    try:
        outline = _outlines.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    if outline.kind == "commit":
        return outline.commit is not None and outline.commit.collection not in {POST, *_REACTIONS}
    return outline.kind != "account"
