"""Changes the text of a `gehoor.toml` where it is meant to be changed; comments and form stay the user's own."""

import hashlib
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from gehoor.core.errors import SettingError
from gehoor.core.settings_text import FILE_NAME
from gehoor.core.toml_lines import Statement, keyed, statements

__all__ = ["digest_of", "drop_item", "drop_table", "put_item", "put_table", "set_keys"]

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
        Such as `brands`, `acme`; a group may lie in a table: `alerts.people`.
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
    path = (*group.split("."), name)
    return _checked(_filled(text, path, _at(before, path), whole), _with(before, path, whole))


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
    path = (*group.split("."), name)
    if _at(before, path) is None:
        raise SettingError(f"{FILE_NAME} has no [{group}.{name}]: it is gone already.")
    return _checked(_joined(_without(statements(text), path)), _with(before, path, None))


def set_keys(text: str, table: str, values: Values) -> str:
    """Set some keys of the table `[<table>]`, such as `desk.drafter`; None takes one away, the others stay.

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
    path = tuple(table.split("."))
    known = _at(before, path)
    whole = _plain({key: value for key, value in {**(known or {}), **values}.items() if value is not None})
    return _checked(_filled(text, path, known, whole), _with(before, path, whole))


def put_item(text: str, group: str, place: int, values: Values) -> str:
    """Let one of the tables `[[<group>]]` say exactly this; a place behind the last adds one.

    Parameters
    ----------
    group : str
        Such as `desk.policies`, `roster.shifts`.
    place : int
        From 0, in the order of the text.

    Raises
    ------
    SettingError
        The text is written in a form that cannot be changed from here.

    Examples
    --------
    >>> put_item('[[desk.policies]]\\nname = "a"  # us\\n', "desk.policies", 0, {"name": "b"})
    '[[desk.policies]]\\nname = "b"  # us\\n'
    """
    return _items(text, tuple(group.split(".")), place, {key: one for key, one in values.items() if one is not None})


def drop_item(text: str, group: str, place: int) -> str:
    """Take one of the tables `[[<group>]]` away; see `put_item`.

    Raises
    ------
    SettingError
        It is not there, or the text is written in a form that cannot be changed from here.
    """
    return _items(text, tuple(group.split(".")), place, None)


def _items(text: str, path: Path, place: int, values: Values | None) -> str:
    before = tomllib.loads(text)
    known = list(_at(before, path) or ())
    if place >= len(known) and values is None:
        raise SettingError(f"{FILE_NAME} has no such [[{'.'.join(path)}]]: it is gone already.")
    whole = [] if values is None else [_plain(values)]
    after = _with(before, path, [*known[:place], *whole, *known[place + 1 :]] or None)
    lines = statements(text)
    if _place(lines, path) is not None:  # policies = [{ ... }]
        table = ".".join(path[:-1])
        return set_keys(text, table, {path[-1]: _at(after, path)})
    heads = [at for at, one in enumerate(lines) if one.kind == "header" and one.path == path]
    if place >= len(known):
        end = "\r\n" if "\r\n" in text else "\n"
        piece = f"[[{'.'.join(path)}]]{end}" + "".join(keyed([key], one, end=end) for key, one in whole[0].items())
        return _checked(_joined(lines).rstrip() + (end * 2 if text.strip() else "") + piece, after)
    ours = lines[heads[place] : _end(lines, heads[place], path)]
    changed = _filled(_joined(ours), path, known[place], whole[0]) if whole else _joined(_without(ours, path))
    return _checked(_joined(lines[: heads[place]]) + changed + _joined(lines[heads[place] + len(ours) :]), after)


def _end(lines: list[Statement], head: int, path: Path) -> int:
    """Return where one of several tables ends: at the next header that is none of its own."""
    later = range(head + 1, len(lines))
    heads = (at for at in later if lines[at].kind == "header")
    return next((at for at in heads if lines[at].path == path or lines[at].path[: len(path)] != path), len(lines))


def _at(tables: Values, path: Path) -> Any:
    """Return what stands at a path; None where nothing does."""
    node: Any = tables
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def _with(tables: Values, path: Path, value: Any) -> dict[str, Any]:
    """Return tables that say something else at a path; None: nothing."""
    name, rest = path[0], path[1:]
    if rest:
        return {**tables, name: _with(tables.get(name, {}), rest, value)}
    return {key: one for key, one in tables.items() if key != name} | ({} if value is None else {name: value})


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
    plain = {name: _without_empty(one) if isinstance(one, Mapping) else one for name, one in tables.items()}
    return {name: one for name, one in plain.items() if one != {}}
