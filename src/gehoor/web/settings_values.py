"""From what somebody typed to what `gehoor.toml` should say, checked by the part that it is for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from gehoor.core import registry
from gehoor.core.settings_part import OURS
from gehoor.core.settings_text import NAME, plain_words
from gehoor.web.settings_fields import Field, shown, taken
from gehoor.web.settings_form import Form, flat_of
from gehoor.web.speech import catalogue

__all__ = ["part_values"]


def part_values(form: Form, typed: Mapping[str, str], stands: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Return what `gehoor.toml` should say, with what is wrong put into `form.errors`.

    What the page does not ask for stays as it stands.
    """
    known = flat_of(form, stands)
    asked = {field.name for field in form.fields} | {field.also for field in form.fields if field.also}
    values: dict[str, Any] = {} if form.plain else {"type": form.kind}
    values |= {key: value for key, value in known.items() if key not in asked}
    for field in form.fields:
        try:
            values[field.name] = taken(field, typed, known)
        except ValueError:
            form.errors[field.name] = "set.wrong.date" if field.form == "date" else "set.wrong.number"
            continue
        if field.is_needed and values[field.name] is None:
            form.errors[field.name] = "set.wrong.empty"
        _keep_form(field, values, known)
    if not form.has("name") and form.values["name"] and not NAME.fullmatch(form.values["name"]):
        form.errors["name"] = "set.wrong.name"
    values = _deep(values)
    if not form.errors:
        _check(form, values, root)
    return values


def _deep(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as `gehoor.toml` has them; what is None is left out, and so is a table of which nothing is left."""
    deep: dict[str, Any] = {}
    for key, value in values.items():
        table, _, name = key.partition(".")
        if value is not None and name:
            deep.setdefault(table, {})[name] = value
        elif value is not None:
            deep[key] = value
    return deep


def _keep_form(field: Field, values: dict[str, Any], stands: Mapping[str, Any]) -> None:
    """Leave what was not changed as it is written: `url` stays `url`, an option that says its default stays."""
    if (
        field.name not in stands
        and field.choices
        and values[field.name] in (field.choices[0], _whole(field.choices[0]))
    ):
        values[field.name] = None
    if field.name in stands and values[field.name] is None and not stands[field.name]:
        values[field.name] = stands[field.name]
    if field.also and field.also in stands and "\n".join(values[field.name] or ()) == shown(field, stands):
        values[field.name], values[field.also] = stands.get(field.name), stands[field.also]


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _check(form: Form, values: Mapping[str, Any], root: Path) -> None:
    """Let the part itself check its options; what it finds is put beside the field that it names, in our words."""
    ours: frozenset[str] = frozenset() if form.plain else OURS[form.group]
    own = {key: value for key, value in values.items() if key not in ours}
    options = form.plain.options if form.plain else registry.load(form.group, form.kind).Options
    try:
        msgspec.convert(own, options, dec_hook=lambda _kind, text: root / str(text))
    except msgspec.ValidationError as error:
        key, sentence = plain_words(str(error), options)
        wanted = {key, _table_of(form, str(error))} - {None, ""}
        named = (field for field in form.fields if wanted & {field.name, field.also})
        needed = (field for field in form.fields if field.is_needed)
        field = next(named, None) or (next(needed, None) if key is None else None)
        form.errors[field.name if field else ""] = _in_words(form, field, sentence)


def _table_of(form: Form, message: str) -> str:
    """Return the first field of the table in a table that something is wrong with; nothing where that is not it."""
    inner = (field.name for field in form.fields if "." in field.name)
    return next((name for name in inner if f"`$.{name.partition('.')[0]}" in message), "")


def _in_words(form: Form, field: Field | None, sentence: str) -> str:
    """Return the key of our sentence for what is wrong with a field; without one, what was found."""
    if field is None:
        return sentence
    keys = [f"set.wrong.{form.words}.{field.name}", f"set.wrong.any.{field.name}"]
    keys += ["set.wrong.range"] if field.form == "number" else []
    return next((key for key in keys if key in catalogue("en")), sentence)
