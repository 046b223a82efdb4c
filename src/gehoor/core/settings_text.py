"""Finds where a setting stands in a TOML text, and says in plain words what is wrong with it."""

import difflib
import re
import tomllib
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, get_args, get_origin

import msgspec

__all__ = ["FILE_NAME", "NAME", "at_line", "line_of", "nearest", "plain_words", "to_toml"]

FILE_NAME = "gehoor.toml"
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a brand, source or receiver may be called."""

_WORDS = {
    "int": "a whole number", "float": "a number", "str": "text in quotes", "bool": "true or false", "null": "left out",
    "array": 'a list such as ["a", "b"]', "object": "a table", "Path": "text in quotes",
}  # fmt: skip
_TYPES = re.compile(r"`([\w| ]+)`")
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_FIELD = re.compile(r"Object (contains unknown|missing required) field `(.*?)`")


def at_line(line: int | None) -> str:
    """Return `gehoor.toml, line 12`, or only the file where the line is not known."""
    return f"{FILE_NAME}, line {line}" if line else FILE_NAME


def line_of(text: str, table: tuple[str, ...], key: str | None = None) -> int | None:
    """Return the line (from 1) of a key in a table, else of the table's header or its parent's; None if not found.

    Quoted and dotted keys are read as TOML reads them; a line inside a multi-line string may be taken for a key.
    """
    here: tuple[str, ...] = ()
    best, depth = None, 0
    for number, line in enumerate(text.splitlines(), start=1):
        path = _header(line)
        if path is not None:
            here = full = path
        else:
            full = here + _key(line)
        wanted = table if key is None else (*table, *key.split("."))
        if full == wanted:
            return number
        if len(full) > depth and wanted[: len(full)] == full:
            best, depth = number, len(full)
    return best


def _header(line: str) -> tuple[str, ...] | None:
    return _path_of(line.strip()) if line.lstrip().startswith("[") else None


def _key(line: str) -> tuple[str, ...]:
    head, equals, _ = line.partition("=")
    return (_path_of(f"{head} = {{}}") or ()) if equals else ()


def _path_of(line: str) -> tuple[str, ...] | None:
    """Let the TOML parser itself read one line: nested tables, one key each."""
    try:
        node: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return None
    path: list[str] = []
    while isinstance(node, (dict, list)) and node:
        if isinstance(node, list):
            node = node[0]
            continue
        key, node = next(iter(node.items()))
        path.append(key)
    return tuple(path)


def nearest(wrong: str, allowed: Iterable[str]) -> str:
    """Return ` Did you mean 'path'?` where one of the allowed words is near, else nothing."""
    found = difflib.get_close_matches(wrong, list(allowed), n=1, cutoff=0.6)
    return f" Did you mean {found[0]!r}?" if found else ""


def plain_words(message: str, cls: type[msgspec.Struct]) -> tuple[str | None, str]:
    """Return the key and one sentence for what msgspec found wrong with a table of `cls`."""
    place = _PLACE.search(message)
    key = re.sub(r"\[.*", "", place[1]) if place else ""
    message = message[: place.start()] if place else message
    field = _FIELD.match(message)
    if field:
        return _field_words(field[2], is_unknown=field[1] != "missing required", cls=cls)
    if message.startswith("Invalid enum value"):
        allowed = _choices(cls, key)
        wrong = message.removeprefix("Invalid enum value ").strip("'")
        return key, f"{key} cannot be {wrong!r}.{nearest(wrong, allowed)} Allowed: {', '.join(allowed)}."
    if message.startswith("Expected "):
        return key, f"{key or 'it'} must be {_type_words(message)}."
    if key:
        return key, f"{key}: {message.rstrip('.')}."
    first = re.match(r"\w*", message)  # a check of the part's own begins with the name of the setting
    return first[0] if first and first[0] in cls.__struct_encode_fields__ else None, f"{message.rstrip('.')}."


def _field_words(name: str, *, is_unknown: bool, cls: type[msgspec.Struct]) -> tuple[str | None, str]:
    fields = cls.__struct_encode_fields__
    if is_unknown:
        return name, f"has no setting {name!r}.{nearest(name, fields)} Allowed: {', '.join(fields)}."
    return None, f"needs the setting {name!r}."


def _choices(cls: type[msgspec.Struct], key: str) -> list[str]:
    for field in msgspec.structs.fields(cls):
        if field.encode_name == key:
            options = [field.type, *get_args(field.type)]
            return [str(word) for kind in options if get_origin(kind) is Literal for word in get_args(kind)]
    return []


def _type_words(message: str) -> str:
    """Turn ``Expected `int`, got `str` `` into words for people."""

    def words(match: re.Match[str]) -> str:
        return " or ".join(_WORDS.get(kind.strip(), kind.strip()) for kind in match[1].split("|"))

    return _TYPES.sub(words, message.removeprefix("Expected ")).replace(", got ", ", not ")


def to_toml(value: object) -> str:
    """Write one value as TOML.

    Examples
    --------
    >>> print(to_toml({"a": ["x", 1], "b": True}))
    { a = ["x", 1], b = true }
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml_key(key)} = {to_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(to_toml(item) for item in value) + "]"
    # a JSON string is a TOML string, save for the one control character that JSON leaves as it is
    return msgspec.json.encode(str(value)).decode().replace("\x7f", "\\u007f")


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else to_toml(key)
