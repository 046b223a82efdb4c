"""Writes the reference from the code, so that it cannot lie: commands, settings, history, receivers, parts, figures."""

import importlib
import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, Union

import msgspec
import pyarrow as pa

from gehoor.core import (
    registry,
    settings,
    settings_alerts,
    settings_desk,
    settings_mirror,
    settings_roster,
    settings_webhooks,
)
from gehoor.core.record import LEDGER
from gehoor.run import annotate
from tools.docs_words import COLUMNS, SETTINGS

__all__ = ["GENERATED", "TABLES", "generated"]

_ROOT = Path(__file__).resolve().parents[1]
TABLES: dict[str, type[msgspec.Struct]] = {
    "workspace": settings.Workspace,
    "brands.<name>": settings.Brand,
    "alerts": settings.Alerts,
    "alerts.people.<name>": settings_alerts.Recipient,
    "roles": settings_alerts.Roles,
    "retention": settings.Retention,
    "duplicates": settings.Duplicates,
    "ledger": settings.Ledger,
    "web": settings.Web,
    "desk": settings_desk.Desk,
    "webhooks.<name>": settings_webhooks.Webhook,
    "roster": settings_roster.RosterTable,
    "[roster.shifts]": settings_roster.ShiftRule,
    "mirror": settings_mirror.Mirror,
}
"""The tables of `gehoor.toml` that are always known."""

_GROUPS = {"sources": "Sources", "receivers": "Receivers", "senders": "Senders", "repliers": "Repliers"}
_BOUNDS = {"ge": "from {}", "gt": "more than {}", "le": "up to {}", "lt": "less than {}"}
_SIMPLE: dict[object, str] = {
    str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path", dict: "table",
}  # fmt: skip


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def _kind(hint: object) -> str:
    """Return a type in words: `Literal["nl", "en"]` is "`nl` or `en`"."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        limits = [
            _BOUNDS[n].format(v) for m in arguments[1:] for n in _BOUNDS if (v := getattr(m, n, None)) is not None
        ]
        return ", ".join([_kind(arguments[0]), *limits])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_kind(part) for part in arguments if part is not type(None))
    if origin in (tuple, list):
        return f"list of {_kind(arguments[0])}"
    plain = origin or hint
    return _SIMPLE.get(plain) or str(getattr(plain, "__name__", plain))


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "**needed**"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if value is None or value in ("", (), [], {}):
        return "none"
    return f"`{msgspec.json.encode(value, enc_hook=str).decode()}`"


def _said(cls: type) -> dict[str, str]:
    """Return what docstrings say of attributes: its own, and those of what it builds on."""
    said: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        said |= _said_by(one)
    return said


def _said_by(cls: type) -> dict[str, str]:
    text = inspect.getdoc(cls) or ""
    _, _, part = text.partition("Attributes\n----------\n")
    said: dict[str, str] = {}
    names: list[str] = []
    for line in part.splitlines():
        if line.startswith(" ") and names:
            said |= {name: f"{said.get(name, '')} {line.strip()}".strip() for name in names}
        elif " : " in line:
            names = [name.strip() for name in line.partition(" : ")[0].split(",")]
        elif line.startswith("---"):
            break
    return said


def _options(cls: type[msgspec.Struct], words: Mapping[str, str]) -> str:
    hints = typing.get_type_hints(cls, include_extras=True)
    rows = []
    for field in msgspec.structs.fields(cls):
        if field.name not in words:
            raise KeyError(f"{cls.__name__}.{field.name} is explained nowhere: tools/docs_words.py, or its docstring.")
        rows.append((f"`{field.name}`", _kind(hints[field.name]), _default(field), words[field.name]))
    return _table(("Setting", "What", "Unless you say otherwise", "Means"), rows)


def _settings() -> str:
    parts = [f"## `[{name}]`\n\n{_options(cls, SETTINGS[name])}" for name, cls in TABLES.items()]
    for group, title in _GROUPS.items():
        parts.append(f"## {title}: `[{group}.<name>]`\n\n{_common(group)}")
        for kind in registry.names(group):
            options = registry.load(group, kind).Options
            parts.append(f'### `type = "{kind}"` {{ #{group}-{kind} }}\n\n{_options(options, _said(options))}')
    return "\n".join(parts)


def _common(group: str) -> str:
    rows = [("`type`", "text", "**needed**", f"one of {', '.join(f'`{kind}`' for kind in registry.names(group))}")]
    if group == "repliers":
        means = "which `[sources.<name>]` it answers; all that its channel hears, unless you say otherwise"
        rows.append(("`sources`", "list of text", "none", means))
    elif group != "senders":
        means = "`brands`: keep only what concerns one of your brands, as the sources that hear everybody do"
        rows.append(("`keep`", "`all` or `brands`", "as its type has it", means))
    return _table(("Setting", "What", "Unless you say otherwise", "Means"), rows)


def _commands() -> str:
    root = importlib.import_module("typer").main.get_command(importlib.import_module("gehoor.cli").command())
    panels: dict[str, list[str]] = {}
    for name, command in root.commands.items():
        verbs = getattr(command, "commands", None)  # a verb of several: `gehoor models list`
        parts = {f"{name} {verb}": one for verb, one in verbs.items()} if verbs else {name: command}
        if not command.hidden:
            panels.setdefault(command.rich_help_panel, []).extend(_command(*part) for part in parts.items())
    return "\n".join(f"## {panel}\n\n" + "\n".join(parts) for panel, parts in panels.items())


def _command(name: str, command: Any) -> str:
    example = (command.epilog or "").removeprefix("Example: ")
    rows = [_parameter(parameter) for parameter in command.params if not getattr(parameter, "hidden", False)]
    table = _table(("Option", "Means", "Unless you say otherwise"), rows) if rows else ""
    return f"### `gehoor {name}`\n\n{command.help}\n\n```sh\n{example}\n```\n\n{table}"


def _parameter(parameter: Any) -> tuple[str, str, str]:
    is_argument = parameter.param_type_name == "argument"
    names = (
        [(parameter.metavar or parameter.name.upper()).strip("[]")]
        if is_argument
        else [*parameter.opts, *parameter.secondary_opts]
    )
    default = "**needed**" if parameter.required else _plain(parameter.default)
    return ", ".join(f"`{name}`" for name in names), parameter.help or "", default


def _plain(value: object) -> str:
    if value is None or value is False or value in ([], ()) or callable(value):
        return ""
    return f"`{value}`" if "Sentinel" not in type(value).__name__ else ""


def _columns(schema: pa.Schema) -> str:
    rows = [(f"`{field.name}`", f"`{field.type}`", COLUMNS[field.name]) for field in schema]
    return _table(("Column", "Arrow type", "Means"), rows)


def _receivers() -> str:
    parts = []
    for kind in registry.names("receivers"):
        receiver = registry.load("receivers", kind)
        methods = " or ".join(getattr(receiver, "methods", ("POST",)))
        paths = "\n".join(f"- `{methods} {path}`" for path in receiver.paths)
        first = (inspect.getdoc(receiver) or "").partition("\n\n")[0].replace("\n", " ")
        parts.append(f"### {kind}\n\n{first}\n\n{paths}\n\nSettings: [`{kind}`](settings.md#receivers-{kind}).\n")
    return "\n".join(parts)


def _parts() -> str:
    groups = sorted(group for group in entry_points().groups if group.startswith("gehoor."))
    rows = [
        (f"`{group}`", ", ".join(f"`{name}`" for name in registry.names(group.removeprefix("gehoor."))))
        for group in groups
    ]
    return _table(("Entry point", "What gehoor brings"), rows)


def _figures() -> str:
    parts = []
    for path in sorted((_ROOT / "bench").glob("*.json")):
        figures = json.loads(path.read_text(encoding="utf-8"))
        rows = [(name, value) for name, value in _flat(figures) if not name.startswith(("course", "obsei.settings"))]
        parts.append(f"## {path.name}\n\n{_table(('Figure', 'Value'), rows)}")
    return "\n".join(parts)


def _flat(figures: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif not isinstance(value, list):
            yield f"{before}{name}", re.sub(r"\s+", " ", f"{value:,}" if isinstance(value, int) else str(value))
        elif all(isinstance(item, (int, float, str)) for item in value):
            yield f"{before}{name}", ", ".join(map(str, value))


GENERATED: dict[str, Callable[[], str]] = {
    "commands": _commands,
    "settings": _settings,
    "history": lambda: _columns(LEDGER),
    "annotate": lambda: _columns(annotate.COLUMNS),
    "receivers": _receivers,
    "parts": _parts,
    "figures": _figures,
}
"""What a page asks for with `<!-- generated: NAME -->`."""


def generated(name: str) -> str:
    """Return a generated part of the reference, as Markdown.

    Raises
    ------
    KeyError
        There is no such part, or a setting or column is explained nowhere.
    """
    return GENERATED[name]()
