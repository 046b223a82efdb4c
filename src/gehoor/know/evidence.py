"""What an activity says about who somebody is: keys that people gave of themselves, and accounts they called theirs.

Only what somebody said of themselves counts: an event that their own session sent, a mail from their own address. What
others write, and what a public post says, links nobody: a pseudonym stays one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.record import digest
from gehoor.know.consent import may_profile
from gehoor.know.identity import Keys

__all__ = ["ACCOUNT", "Given", "given_in", "identifiers_in"]

ACCOUNT = "account"

_TRAITS = {
    "mail": ("email", "mail", "e_mail", "emailAddress", "email_address"),
    "phone": ("phone", "phone_number", "phoneNumber", "mobile", "telephone", "telefoon"),
    "customer": ("customer_id", "customerId", "customer_number", "customerNumber", "klantnummer"),
}
_ACCOUNTS = ("mastodon", "bluesky", "x", "twitter", "instagram", "facebook", "threads", "linkedin", "youtube", "tiktok")
_TOLD = ("Identify", "Track", "Alias", "Group", "Page", "Screen")
_COLUMNS = ("seq", "type", "channel", "actor", "actor_key", "object", "properties", "policy")


class Given(NamedTuple):
    """One piece of evidence: an actor gave a key, or called another account (or device, or earlier id) their own."""

    actor_key: int
    other: int
    """Digest of the key, keyed with the workspace's secret; or the other actor's key."""
    kind: str
    """`customer mail phone`: a key; `account alias device`: another actor."""
    seq: int
    account: tuple[str, str] | None = None
    """Channel and id of a public account, so that what it said can be looked up."""


class _Event(msgspec.Struct, rename={"anonymous": "anonymousId"}):
    traits: Any = None
    properties: Any = None
    context: Any = None
    anonymous: Any = None


_decode = msgspec.json.Decoder(_Event).decode


def given_in(rows: pa.RecordBatch, keys: Keys) -> list[Given]:
    """Return the evidence in rows of `core.record.LEDGER` whose actors are known. Cost: 5 us an event.

    What an activity's own policy does not allow for profiles is no evidence either.
    """
    is_told = pc.and_(pc.is_in(rows.column("type"), pa.array(_TOLD)), pc.equal(rows.column("direction"), "in"))
    is_mail = pc.and_(pc.equal(rows.column("channel"), "mail"), pc.equal(rows.column("direction"), "in"))
    places = np.flatnonzero(pc.or_(is_told, is_mail).to_numpy(zero_copy_only=False))
    if not len(places):
        return []
    part = rows.select(_COLUMNS).take(pa.array(places))
    columns = (part.column(name).to_pylist() for name in _COLUMNS)
    found: list[Given] = []
    for row in zip(*columns, strict=True):
        if row[7] is None or may_profile(row[7]):
            found += _given(_Row._make(row), keys)
    return found


class _Row(NamedTuple):
    seq: int
    type: str
    channel: str
    actor: str
    actor_key: int
    object: str | None
    properties: str | None
    policy: str | None


def identifiers_in(rows: pa.RecordBatch, keys: Keys) -> set[str]:
    """Return what rows hold of addresses and numbers that name their actors, as it was written."""
    columns = (rows.column(name).to_pylist() for name in _COLUMNS)
    records = (_record(_Row._make(row)) for row in zip(*columns, strict=True))
    return {text for record in records for kind, text in record.items() if text and keys.keys_of({kind: text})}


def _record(row: _Row) -> dict[str, str | None]:
    """Return by kind of key what an activity says of its actor."""
    if row.type in _TOLD:
        told = list(_told(_event_of(row.properties)))
        return {kind: _first(told, names) for kind, names in _TRAITS.items()}
    return {"mail": row.actor.removeprefix("mail:")} if row.channel == "mail" and row.actor else {}


def _given(row: _Row, keys: Keys) -> Iterable[Given]:
    for key in keys.keys_of(_record(row)):
        yield Given(row.actor_key, key.digest, key.kind, row.seq)
    if row.type not in _TOLD:
        return
    event = _event_of(row.properties)
    if row.type == "Alias" and row.object:
        yield Given(row.actor_key, digest(row.channel, row.object), "alias", row.seq)
    if isinstance(event.anonymous, str) and event.anonymous and event.anonymous != row.actor:
        yield Given(row.actor_key, digest(row.channel, event.anonymous), "device", row.seq)
    for channel, account in _accounts(_told(event)):
        yield Given(row.actor_key, digest(channel, account), ACCOUNT, row.seq, (channel, account))


def _event_of(properties: str | None) -> _Event:
    try:
        return _decode(properties or "{}")
    except (msgspec.DecodeError, RecursionError):
        return _Event()


def _told(event: _Event) -> Iterable[Mapping[str, Any]]:
    context = event.context if isinstance(event.context, dict) else {}
    for told in (event.traits, context.get("traits"), event.properties):
        if isinstance(told, dict):
            yield told


def _first(told: Iterable[Mapping[str, Any]], names: Iterable[str]) -> str | None:
    """Return the first of these names that holds a text or a whole number."""
    for one in told:
        for name in names:
            value = one.get(name)
            if isinstance(value, str) and value:
                return value
            if isinstance(value, int) and not isinstance(value, bool):
                return str(value)
    return None


def _accounts(told: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    """Yield (channel, stable id) of what somebody calls their accounts: `traits.accounts.mastodon`."""
    for one in told:
        accounts = one.get("accounts")
        for channel, value in accounts.items() if isinstance(accounts, dict) else ():
            if channel in _ACCOUNTS and isinstance(value, str) and value.strip():
                yield channel, value.strip()
