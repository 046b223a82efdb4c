"""What every source, receiver and decoder must pass, ours and other people's; `ContractError` says what it did not."""

import inspect
from typing import Any

import msgspec

from gehoor.core.errors import ContractError, RejectedRecord
from gehoor.core.page import Decoded, RawPage, Reject
from gehoor.core.record import to_batch
from gehoor.listen.lines import MAX_RAW

__all__ = ["NASTY", "check_decoder", "check_decodes", "check_receiver", "check_source"]

NASTY: tuple[bytes, ...] = (
    b"",
    b"\n",
    b"\x00",
    b"\xff\xfe\xfd",
    b"null",
    b"7",
    b'"text"',
    b"[]",
    b"{}",
    b"[{}]",
    b"{" * 3_000,
    b"[" * 3_000,
    b'{"id":' * 3_000,
    b'{"id": "1", "text": "breaks o',
    b'{"id": "1", "text": "\\ud800"}',
    b'{"id": 1e999}',
    b'{"id": 123456789012345678901234567890, "text": "x", "n": 123456789012345678901234567890}',
    b'{"id": "1", "published": "yesterday", "text": "x"}',
    b'{"id": "1", "published": 1e300, "likes": "many", "text": ["x"]}',
    b'{"type": "Delete", "id": "1"}',
    b"<html><body>502 Bad Gateway</body></html>",
    b'a,"b\nc,d\n"e',
    b"1,2\r3,4\r\n",
    "\u202ehoi \u200b \U0001f92c".encode(),
)
"""Payloads that hurt: empty, broken, too deep, too large, of another kind altogether."""


def _documented(part: type[Any], methods: tuple[str, ...]) -> None:
    for what in (part, *(getattr(part, name, None) for name in methods)):
        if what is None or not inspect.getdoc(what):
            raise ContractError(
                f"{part.__name__}: no docstring, or one of {', '.join(methods)} is missing or has none."
            )


def _with_options(part: type[Any]) -> None:
    options = getattr(part, "Options", None)
    if not (isinstance(options, type) and issubclass(options, msgspec.Struct)):
        raise ContractError(f"{part.__name__}: Options must be a msgspec.Struct.")
    if not options.__struct_config__.forbid_unknown_fields or not inspect.getdoc(options):
        raise ContractError(f"{part.__name__}: Options must forbid unknown fields, and say what each is for.")


def check_source(part: type[Any]) -> None:
    """Check that a source is documented, has typed options, and reads as an asynchronous generator."""
    _documented(part, ("read",))
    _with_options(part)
    if not inspect.isasyncgenfunction(part.read):
        raise ContractError(f"{part.__name__}: read must be an asynchronous generator.")


def check_receiver(part: type[Any]) -> None:
    """Check that a receiver is documented, has typed options, and names its paths."""
    _documented(part, ("receive", "answer"))
    _with_options(part)
    if not part.paths or not all(path.startswith("/") for path in part.paths):
        raise ContractError(f"{part.__name__}: paths must begin with a slash.")


def check_decoder(part: type[Any], options: dict[str, Any]) -> None:
    """Check that a decoder is documented, has a version, and gets through every payload of `NASTY`."""
    _documented(part, ("decode",))
    if not (isinstance(part.version, str) and part.version):
        raise ContractError(f"{part.__name__}: version must be a text.")
    for payload in NASTY:
        check_decodes(part, payload, options)


def check_decodes(part: type[Any], payload: bytes, options: dict[str, Any]) -> Decoded | None:
    """Check what a decoder makes of one payload, and return it; None when it refused the whole page.

    It must be the same each time, in another instance too; every activity must fit the record; every reject must be
    found again by its position and say why.
    """
    page = RawPage(source="check", decoder="check", payload=payload, received=1_000, position=5, options=options)
    found = _decoded(part, page)
    if msgspec.json.encode(found) != msgspec.json.encode(_decoded(part, page)):
        raise ContractError(f"{part.__name__}: the same page gave something else the second time.")
    if found is not None:
        _check_activities(part, found)
        for reject in found.rejects:
            _check_reject(part, reject)
    return found


def _decoded(part: type[Any], page: RawPage) -> Decoded | None:
    try:
        found: Decoded = part().decode(page)
    except RejectedRecord as error:
        if not error.reason:
            raise ContractError(f"{part.__name__}: refused a page without a reason.") from error
        return None
    return found


def _check_activities(part: type[Any], found: Decoded) -> None:
    n = len(found.activities)
    for name, values in (("items", found.items), ("raws", found.raws)):
        if values is not None and len(values) != n:
            raise ContractError(f"{part.__name__}: {len(values)} {name} for {n} activities.")
    for activity in found.activities:
        if not activity.id or activity.received != 1_000 or not activity.channel:
            raise ContractError(f"{part.__name__}: an activity without id or channel, or not as received: {activity}.")
    to_batch(found.activities)


def _check_reject(part: type[Any], reject: Reject) -> None:
    is_found = reject.position == 5 + reject.item and reject.stage == "decode"
    if not is_found or len(reject.raw) > MAX_RAW or not reject.reason.strip() or len(reject.reason) > 1_000:
        raise ContractError(
            f"{part.__name__}: a reject that cannot be found again, is too long or says nothing: {reject}."
        )
