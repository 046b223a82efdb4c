"""Finds out what a file holds: JSON lines, a JSON document, a table, Parquet; and which decoder reads it."""

import re
from typing import Any, Literal

import msgspec

from gehoor.core.errors import SettingError
from gehoor.listen.columns import delimiter_of, header_of, is_twcs, map_columns
from gehoor.listen.streams import Stream

__all__ = ["SNIFF", "Format", "Shape", "document_lines", "is_parquet", "shape_of", "table_options"]

Format = Literal["auto", "plain", "xapi", "twcs", "csv"]

SNIFF = 262_144
"""So much of the beginning is looked at; a header must fit in."""

MAX_DOCUMENT = 64 << 20
_BOM = b"\xef\xbb\xbf"
_X_RESPONSE = re.compile(rb'\s*\{\s*"(data|includes|meta)"\s*:\s*[\[{]')
_X_KEYS = ({"data"}, {"includes"}, {"meta"}, {"edit_history_tweet_ids"}, {"author_id", "created_at"})


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How to read a file.

    Attributes
    ----------
    begins_at, begins_line : int
        Where the first record begins, behind byte order mark and header: offset in bytes, number of lines before it.
    delimiter : str, optional
        Of a table; None for lines of JSON.
    is_document : bool
        One JSON value over several lines: it is taken apart first.
    """

    decoder: Literal["plain", "xapi", "table"]
    channel: str = "file"
    options: dict[str, Any] = {}
    begins_at: int = 0
    begins_line: int = 0
    delimiter: str | None = None
    is_document: bool = False


def is_parquet(head: bytes) -> bool:
    """Tell by its first bytes whether a file is Parquet."""
    return head[:4] == b"PAR1"


def shape_of(head: bytes, format_: Format, columns: dict[str, str], delimiter: str, encoding: str | None) -> Shape:
    """Return how to read a file that begins with `head` (at most `SNIFF` bytes, UTF-8 or whatever its lines are in).

    Raises
    ------
    SettingError
        When it is no text, or a table whose columns say nothing.
    """
    mark = len(_BOM) if head.startswith(_BOM) else 0
    text = head[mark:]
    if b"\x00" in text[:8_192]:
        raise SettingError("this is no text: JSON lines, CSV, Parquet, each also .gz except Parquet, can be read.")
    begin = text.lstrip()[:1]
    is_json = format_ in {"plain", "xapi"} or (format_ == "auto" and begin in {b"{", b"["})
    if is_json:
        shape = _json_shape(text, mark, format_)
        return msgspec.structs.replace(shape, options={"columns": columns}) if columns else shape
    line, newline, _ = text.partition(b"\n")
    header, delimiter = _header(line, delimiter, encoding)
    channel = "twitter" if format_ == "twcs" or is_twcs(header) else "file"
    return Shape(
        decoder="table",
        channel=channel,
        options=table_options(header, columns, delimiter),
        begins_at=mark + len(line) + len(newline),
        begins_line=1,
        delimiter=delimiter,
    )


def table_options(header: list[str], columns: dict[str, str], delimiter: str) -> dict[str, Any]:
    """Return what the table decoder must know besides the rows."""
    return {"header": header, "columns": map_columns(header, columns), "delimiter": delimiter}


def _header(line: bytes, delimiter: str, encoding: str | None) -> tuple[list[str], str]:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = line.decode(encoding or "cp1252", errors="replace")
    delimiter = delimiter_of(text) if delimiter == "auto" else delimiter
    return header_of(text.rstrip("\r"), delimiter), delimiter


def _json_shape(text: bytes, mark: int, format_: Format) -> Shape:
    first, newline, rest = text.lstrip().partition(b"\n")
    value = _decoded(first)
    if value is None:
        is_document = first[:1] == b"[" or _goes_on(first, newline + rest)
    else:
        is_document = isinstance(value, list) and not rest.strip()
    keys = _keys(value if value is not None or not is_document else _decoded(text))
    is_x = any(wanted <= keys for wanted in _X_KEYS) or bool(_X_RESPONSE.match(text) or _is_x_list(text))
    if format_ == "xapi" or (format_ == "auto" and is_x):
        return Shape(decoder="xapi", channel="twitter", begins_at=mark, is_document=is_document)
    return Shape(decoder="plain", begins_at=mark, is_document=is_document)


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None


def _goes_on(first: bytes, rest: bytes) -> bool:
    """Tell a document over several lines from lines of which the first is broken: those begin with a brace again."""
    following = rest.strip()[:1]
    return len(first.strip()) <= 1 or (bool(following) and following not in {b"{", b"["})


def _keys(value: Any) -> set[str]:
    if isinstance(value, list):
        value = value[0] if value else None
    return set(value) if isinstance(value, dict) else set()


def _is_x_list(text: bytes) -> bool:
    """Look for a post's own words at the beginning of a list that is too long to be read here."""
    start = text[:4_096]
    return start.lstrip()[:1] == b"[" and (b'"edit_history_tweet_ids"' in start or b'"author_id"' in start)


def document_lines(stream: Stream, begins_at: int) -> bytes:
    """Take one JSON document apart into lines: each item of a list one, an object as it is.

    Raises
    ------
    SettingError
        When it is broken or too large to be held at once.
    """
    stream.skip_to(begins_at)
    blocks, n = [], 0
    while block := stream.read(1 << 20):
        blocks.append(block)
        n += len(block)
        if n > MAX_DOCUMENT:
            raise SettingError("this is one JSON document of over 64 MB: write one item a line (jq -c '.[]').")
    text = b"".join(blocks)
    try:
        if text.lstrip()[:1] != b"[":
            return msgspec.json.format(text, indent=-1)
        items = msgspec.json.decode(text, type=list[msgspec.Raw])
    except (ValueError, RecursionError) as error:
        raise SettingError(f"this is one JSON document, and it is broken: {error}.") from None
    return b"\n".join(msgspec.json.format(bytes(item), indent=-1) for item in items)
