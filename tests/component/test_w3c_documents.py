"""The W3C's own ActivityStreams documents: the good are taken in, the others refused with the reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, RawPage
from gehoor.core.record import to_batch
from gehoor.listen.activitystreams import ActivityStreamsDecoder, ActivityStreamsOptions, ActivityStreamsReceiver
from gehoor.listen.base import Request
from tests.cast import NOON

REASONS = {
    "array-at-top": "list",
    "collection-with-non-page-first": "`first` must be a CollectionPage",
    "name-as-namemap": "`nameMap`",
    "number-as-actor": "`actor`",
    "number-as-context": "`@context`",
    "number-as-name": "`name`",
    "number-as-type": "`type`",
    "ordered-collection-with-items": "`orderedItems`",
    "other-context": "`@context`",
    "string-at-top": "str",
    "vocabulary-ex196-jsonld": "line break",
}
BREAKS: list[tuple[str, object]] = [
    ("name", 1), ("nameMap", "x"), ("actor", 90), ("@context", 3), ("@context", "http://schema.org"), ("type", 16),
    ("published", "gisteren"), ("updated", 7), ("id", 7), ("to", 7), ("url", 7), ("tag", [7]), ("duration", "2 uur"),
]  # fmt: skip


def _heard(body: bytes) -> Decoded:
    request = Request(path="/v1/activities", headers={}, body=body, received=NOON)
    page = ActivityStreamsReceiver("w3c", ActivityStreamsOptions()).receive(request)
    assert isinstance(page, RawPage)
    return ActivityStreamsDecoder().decode(page)


def _documents(shared: Path, kind: str) -> dict[str, bytes]:
    folder = shared / "data" / "activitystreams" / kind
    documents = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.json"))}
    if not documents:
        pytest.skip(f"no documents in {folder}")
    return documents


def test_good_documents_are_taken_in(shared: Path) -> None:
    for name, body in _documents(shared, "good").items():
        decoded = _heard(body)
        assert decoded.rejects == [], name
        assert to_batch(decoded.activities).num_rows > 0, name


def test_other_documents_are_refused_with_the_reason(shared: Path) -> None:
    for name, body in _documents(shared, "refuse").items():
        try:
            decoded = _heard(body)
        except RejectedRecord as error:
            reason = error.reason
        else:
            assert decoded.activities == [], name
            reason = decoded.rejects[0].reason
        assert REASONS.get(name, "") in reason, name


def test_good_document_in_which_one_rule_is_broken_is_refused_by_its_name(shared: Path) -> None:
    for name, body in _documents(shared, "good").items():
        document: dict[str, Any] = json.loads(body)
        for broken, value in BREAKS:
            decoded = _heard(json.dumps(document | {broken: value}).encode())
            assert decoded.activities == [] and broken in decoded.rejects[0].reason, (name, broken)


def test_good_document_has_the_same_keys_when_it_is_sent_again_in_another_order(shared: Path) -> None:
    for name, body in _documents(shared, "good").items():
        again = json.dumps(dict(reversed(json.loads(body).items())), indent=1).encode()
        keys, others = ([(a.id, a.published) for a in _heard(sent).activities] for sent in (body, again))
        assert keys == others, name
