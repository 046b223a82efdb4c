"""What the receivers share: a body inflated within bounds, JSON that says where it is broken, identity by digest."""

import hashlib
import re
import zlib

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.listen.base import Answer, Request

__all__ = ["MAX_DEPTH", "answer_json", "digest_id", "page_position", "parse_json", "read_body"]

MAX_DEPTH = 64
"""Deepest nesting that is read. Real documents stay under 12; decoders recurse, and strangers write bodies."""

_ENCODINGS = {"gzip", "x-gzip", "deflate"}
# A half of a surrogate pair: JavaScript writes one where it cut a text in the middle of an emoji. Whole pairs and
# other escapes are matched first, so that the backslash of `\\ud83d` (an escaped backslash) is never taken for one.
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)")


def answer_json(status: int, value: object) -> Answer:
    """Return an answer with `value` as its JSON body."""
    return Answer(status=status, body=msgspec.json.encode(value))


def read_body(request: Request, max_bytes: int) -> bytes | Answer:
    """Return the body as the sender meant it, or the answer that refuses it.

    Parameters
    ----------
    request : Request
        Its `content-encoding` may be gzip or deflate.
    max_bytes : int
        Most bytes after inflation: a gzip bomb costs no more memory than this.

    Returns
    -------
    bytes or Answer
        413 when it is too large, 415 for another encoding, 400 when it cannot be inflated.

    Examples
    --------
    >>> read_body(Request(path="/v1/track", headers={}, body=b"{}", received=0), 10)
    b'{}'
    """
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        body = request.body
    elif encoding in _ENCODINGS:
        inflated = _inflate(request.body, max_bytes)
        if inflated is None:
            return _refuse(400, f"The body is not whole {encoding} data: send it again, or send it without encoding.")
        body = inflated
    else:
        return _refuse(415, f"Content-Encoding {encoding!r} is not read here: send gzip, deflate or none.")
    if len(body) > max_bytes:
        return _refuse(413, f"The body is larger than {max_bytes} bytes: send it in smaller parts.")
    return body.removeprefix(b"\xef\xbb\xbf")


def _refuse(status: int, reason: str) -> Answer:
    return answer_json(status, {"success": False, "status": "refused", "reason": reason})


def _inflate(data: bytes, max_bytes: int) -> bytes | None:
    """Inflate at most one byte more than `max_bytes`; None when the data are broken or cut off."""
    inflator = zlib.decompressobj(wbits=47)  # 32 + 15: the header tells gzip from zlib
    try:
        body = inflator.decompress(data, max_bytes + 1)
    except zlib.error:
        return None
    return body if inflator.eof or len(body) > max_bytes else None


def parse_json(raw: bytes) -> object:
    """Read one JSON text.

    A lone surrogate becomes U+FFFD: it is no character, and one of them must not cost a whole batch.

    Raises
    ------
    RejectedRecord
        Not UTF-8, not JSON, or nested more than `MAX_DEPTH` levels; the reason says where.

    Examples
    --------
    >>> parse_json(b'{"a": [1, 2]}')
    {'a': [1, 2]}
    """
    try:
        value = _decode(raw)
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RejectedRecord(_why_broken(raw, error)) from error
    # Counting brackets is an upper bound of the depth, and a hundred times cheaper than walking.
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise _too_deep()
    return value


def _decode(raw: bytes) -> object:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        mended = _ESCAPE.sub(_mend_escape, raw)
        if mended == raw:
            raise
        return msgspec.json.decode(mended)


def _mend_escape(match: re.Match[bytes]) -> bytes:
    escape = match.group()
    return rb"\ufffd" if len(escape) == 6 and escape[2:3] in b"dD" else escape


def _too_deep() -> RejectedRecord:
    return RejectedRecord(f"The JSON is nested more than {MAX_DEPTH} levels deep: send it flatter.")


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
        level = [node for node in below if isinstance(node, dict | list)]
        depth += 1
    return depth


def _why_broken(raw: bytes, error: Exception) -> str:
    if not raw.strip():
        return "The body is empty: send a JSON object."
    try:
        raw.decode()
    except UnicodeDecodeError as wrong:
        return f"Byte {wrong.start} is not UTF-8: send the JSON as UTF-8."
    found = re.search(r"\(byte (\d+)\)", str(error))
    if found is None:
        return f"The JSON cannot be read: {_plain(str(error))}."
    at = int(found.group(1))
    line, column = raw.count(b"\n", 0, at) + 1, at - raw.rfind(b"\n", 0, at)
    if raw[at : at + 1] and raw[at : at + 1] < b" ":
        what = "a raw line break or control character inside a string; write it as \\n or \\u00XX"
        return f"The JSON is malformed at line {line}, column {column}: {what}."
    return f"The JSON is malformed at line {line}, column {column}."


def _plain(message: str) -> str:
    return "it is cut off" if "truncated" in message else message.partition(" - at")[0].lower()


def digest_id(value: object) -> str:
    """Return an id for a document that has none: the SHA-256 of its canonical form (keys sorted, no white space).

    The same document sent again has the same id, however its keys are ordered, so that a re-delivery does no harm.

    Examples
    --------
    >>> digest_id({"a": 1, "b": 2}) == digest_id({"b": 2, "a": 1})
    True
    """
    return "sha256:" + hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def page_position(body: bytes) -> int:
    """Return where a pushed body stands among all that were pushed: 60 bits of its digest.

    A receiver has no line numbers. By its digest a body that is sent again finds its reject again, and two different
    bodies do not take each other's place.
    """
    return int.from_bytes(hashlib.blake2b(body, digest_size=8).digest(), "big") >> 4
