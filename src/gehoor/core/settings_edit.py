"""Changes the text of a `gehoor.toml` where it is meant to be changed; comments and form stay the user's own."""

import hashlib
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from gehoor.core.errors import SettingError
from gehoor.core.settings_text import FILE_NAME
from gehoor.core.toml_lines import Statement, keyed, statements

__all__ = ["digest_of", "drop_table", "put_table", "set_keys"]

Values = Mapping[str, Any]
Path = tuple[str, ...]


def digest_of(text: str) -> str:
    """Return what tells this text from any other: who saw that one changes that one.

    Examples
    --------
    >>> digest_of("a = 1") == digest_of("a = 2")
    False
    """
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def put_table(text: str, group: str, name: str, values: Values) -> str:
    """Let the table `[<group>.<name>]` say exactly this; it is added at the end where there is none.

    Parameters
    ----------
    text : str
        A whole `gehoor.toml`, which is TOML.
    group, name : str
        Such as `brands`, `acme`.
    values : mapping
        Every setting of the table; what is None is left out. What stays the same keeps its place and form.

    Raises
    ------
    SettingError
        The text is written in a form that cannot be changed from here.

    Examples
    --------
    >>> print(put_table('[brands.acme]  # ours\\nterms = ["acme"]', "brands", "acme", {"terms": ["acme", "ac"]}))
    [brands.acme]  # ours
    terms = ["acme", "ac"]
    <BLANKLINE>
    """
    before = tomllib.loads(text)
    whole = _plain({key: value for key, value in values.items() if value is not None})
    after = before | {group: before.get(group, {}) | {name: whole}}
    return _checked(_filled(text, (group, name), before.get(group, {}).get(name), whole), after)


def drop_table(text: str, group: str, name: str) -> str:
    """Take the table `[<group>.<name>]` away, with all that stands in it.

    Raises
    ------
    SettingError
        There is none, or the text is written in a form that cannot be changed from here.

    Examples
    --------
    >>> drop_table('[brands.a]\\nterms = ["a"]\\n[web]\\nport = 1\\n', "brands", "a")
    '[web]\\nport = 1\\n'
    """
    before = tomllib.loads(text)
    if name not in before.get(group, {}):
        raise SettingError(f"{FILE_NAME} has no [{group}.{name}]: it is gone already.")
    after = {**before, group: {key: value for key, value in before[group].items() if key != name}}
    return _checked("".join(one.text for one in _without(statements(text), (group, name))), after)


def set_keys(text: str, table: str, values: Values) -> str:
    """Set some keys of the table `[<table>]`; None takes one away, the others stay as they are.

    Raises
    ------
    SettingError
        The text is written in a form that cannot be changed from here.

    Examples
    --------
    >>> set_keys('[workspace]\\nname = "a"  # us\\n', "workspace", {"name": "b"})
    '[workspace]\\nname = "b"  # us\\n'
    """
    before = tomllib.loads(text)
    known = before.get(table)
    whole = _plain({key: value for key, value in {**(known or {}), **values}.items() if value is not None})
    return _checked(_filled(text, (table,), known, whole), before | {table: whole})


def _filled(text: str, table: Path, known: Values | None, values: Values) -> str:
    """Return a text in which a table says something; only what differs is touched."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = statements(text if text.endswith("\n") or not text else text + end)
    if known is None:
        return _appended(text, table, values, end)
    if (inline := _place(lines, table)) is not None:  # acme = { terms = ["acme"] }
        return _replaced(lines, inline, keyed(_relative(lines[inline]), values, lines[inline].text, end))
    for key in known:
        if key not in values:
            lines = _without(lines, (*table, key))
    fresh: dict[str, Any] = {}
    for key, value in values.items():
        if key in known and known[key] == value and type(known[key]) is type(value):
            continue
        at = _place(lines, (*table, key))
        if at is not None:
            lines[at] = lines[at]._replace(text=keyed(_relative(lines[at]), value, lines[at].text, end))
        else:
            lines = _without(lines, (*table, key))  # it had a header or dotted keys of its own
            fresh[key] = value
    return _inserted(lines, table, fresh, end)


def _inserted(lines: list[Statement], table: Path, fresh: Values, end: str) -> str:
    """Return the text with more keys of a table, right behind those that it has."""
    n = len(table)
    mine = [
        at
        for at, one in enumerate(lines)
        if (one.kind == "header" and one.path == table)
        or (one.kind == "key" and one.path[:n] == table and len(one.header) <= n)
    ]
    if not mine:
        return _appended("".join(one.text for one in lines), table, fresh, end) if fresh else _joined(lines)
    last = lines[mine[-1]]
    ahead = table[len(last.header) :]
    more = "".join(keyed((*ahead, key), value, end=end) for key, value in fresh.items())
    return _replaced(lines, mine[-1], last.text + more)


def _place(lines: list[Statement], path: Path) -> int | None:
    return next((at for at, one in enumerate(lines) if one.kind == "key" and one.path == path), None)


def _relative(one: Statement) -> Path:
    return one.path[len(one.header) :]


def _replaced(lines: list[Statement], at: int, text: str) -> str:
    return _joined([*lines[:at], lines[at]._replace(text=text), *lines[at + 1 :]])


def _joined(lines: list[Statement]) -> str:
    return "".join(one.text for one in lines)


def _without(lines: list[Statement], path: Path) -> list[Statement]:
    """Leave out what stands under a path; comments go with the keys that they stand among, others stay."""
    n = len(path)
    mine = [at for at, one in enumerate(lines) if one.kind != "gap" and one.path[:n] == path]
    gone = set(mine)
    for first, last in pairwise(mine):
        if all(one.kind == "gap" and one.header[:n] == path for one in lines[first + 1 : last]):
            gone.update(range(first + 1, last))
    kept: list[Statement] = []
    for at, one in enumerate(lines):
        is_second = not one.text.strip() and at and at - 1 in gone and (not kept or not kept[-1].text.strip())
        if at not in gone and not is_second:
            kept.append(one)
    return kept


def _appended(text: str, table: Path, values: Values, end: str) -> str:
    lines = f"[{'.'.join(table)}]{end}" + "".join(keyed([key], value, end=end) for key, value in values.items())
    return text.rstrip() + (end * 2 if text.strip() else "") + lines


def _plain(value: Any) -> Any:
    """Return a value as TOML gives it back."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _checked(text: str, after: Values) -> str:
    """Return a text once it says what was meant: nobody's settings depend on how well we write TOML."""
    try:
        is_meant = _without_empty(tomllib.loads(text)) == _without_empty(after)
    except tomllib.TOMLDecodeError:
        is_meant = False
    if not is_meant:
        raise SettingError(
            f"{FILE_NAME} is written in a form that we don't change from here. Change it with an editor."
        )
    return text


def _without_empty(tables: Values) -> dict[str, Any]:
    """Return tables without those that say nothing: with the last brand `[brands]` may go or stay."""
    return {name: value for name, value in tables.items() if value != {}}
