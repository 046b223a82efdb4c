"""A form of the settings on its way: what was typed stays, and every error stands beside its field."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from markupsafe import Markup

from gehoor.core import registry
from gehoor.core.settings_part import OURS
from gehoor.core.settings_text import NAME, plain_words
from gehoor.web.settings_fields import KINDS, Field, drop_name, shown, taken, words_of
from gehoor.web.speech import catalogue

__all__ = ["Form", "name_of", "part_form", "part_values", "table_of"]


class Form(msgspec.Struct, kw_only=True):
    """What a page shows of one table of `gehoor.toml`.

    Attributes
    ----------
    group, name : str
        The table; no name: it is not there yet.
    kind : str
        Its type.
    values : dict of str to str
        What stands in each field.
    kept : set of str
        Secrets that stand in the file, and are not shown.
    errors : dict of str to str
        By field, a sentence; under "" what is wrong with the whole.
    """

    group: str
    name: str = ""
    kind: str = ""
    values: dict[str, str] = {}
    kept: set[str] = set()
    errors: dict[str, str] = {}

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is asked of this type."""
        return KINDS.get(self.group, {}).get(self.kind, ())  # type: ignore[call-overload, no-any-return]  # brands have none

    @property
    def words(self) -> str:
        """Under which name this type has its sentences."""
        return words_of(self.group, self.kind)

    def label(self, field: Field) -> str:
        """Return the key of the sentence that names a field."""
        own = f"set.{self.words}.{field.name}"
        return own if own in catalogue("en") else f"set.any.{field.name}"

    def hint(self, field: Field) -> str:
        """Return the key of the sentence that explains a field; nothing where none is needed."""
        key = f"{self.label(field)}.hint"
        return key if key in catalogue("en") else ""

    def aria(self, name: str, hint: str = "") -> Markup:
        """Return the attributes by which a reader hears what explains a field, and what is wrong with it."""
        ids = [f"{self.group}-{name}-hint"] if hint else []
        is_wrong = name in self.errors
        ids += [f"{self.group}-{name}-wrong"] if is_wrong else []
        described = Markup(' aria-describedby="{}"').format(" ".join(ids)) if ids else Markup()
        return described + (Markup(' aria-invalid="true"') if is_wrong else Markup())

    @property
    def is_more_open(self) -> bool:
        """Whether something wrong, or something set, hides under "More"."""
        return any(
            field.is_more and (field.name in self.errors or self.values.get(field.name)) for field in self.fields
        )


def name_of(words: str, taken_names: Mapping[str, object] | set[str]) -> str:
    """Return a free name that a table may have.

    Examples
    --------
    >>> name_of("Acme Bank!", {"acme-bank": 1})
    'acme-bank-2'
    """
    base = re.sub(r"[^a-z0-9_]+", "-", words.lower()).strip("-")[:56] or "x"
    number = 2
    name = base
    while name in taken_names:
        name, number = f"{base}-{number}", number + 1
    return name


def part_form(group: str, kind: str, name: str, stands: Mapping[str, Any], typed: Mapping[str, str] | None) -> Form:
    """Return the form of a source, receiver, sender or replier.

    Parameters
    ----------
    stands : mapping
        What `gehoor.toml` says; empty for a new one.
    typed : mapping, optional
        What somebody typed; None: it is opened just now.
    """
    form = Form(group=group, name=name, kind=kind)
    secrets = [field for field in form.fields if field.form == "secret"]
    form.kept = {field.name for field in secrets if stands.get(field.name) and not shown(field, stands)}
    for field in form.fields:
        form.values[field.name] = shown(field, stands) if typed is None else typed.get(field.name, "")
        if field.form == "secret" and typed is not None and typed.get(drop_name(field)):
            form.kept.discard(field.name)
    form.values["name"] = name if typed is None else typed.get("name", "").strip() or name
    return form


def part_values(form: Form, typed: Mapping[str, str], stands: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Return what `gehoor.toml` should say, with what is wrong put into `form.errors`.

    What the page does not ask for stays as it stands.
    """
    asked = {field.name for field in form.fields} | {field.also for field in form.fields if field.also}
    values: dict[str, Any] = {"type": form.kind} | {key: value for key, value in stands.items() if key not in asked}
    for field in form.fields:
        try:
            values[field.name] = taken(field, typed, stands)
        except ValueError:
            form.errors[field.name] = "set.wrong.number"
            continue
        if field.is_needed and values[field.name] is None:
            form.errors[field.name] = "set.wrong.empty"
        _keep_form(field, values, stands)
    if form.values["name"] and not NAME.fullmatch(form.values["name"]):
        form.errors["name"] = "set.wrong.name"
    if not form.errors:
        _check(form, values, root)
    return {key: value for key, value in values.items() if value is not None}


def _keep_form(field: Field, values: dict[str, Any], stands: Mapping[str, Any]) -> None:
    """Leave what was not changed as it is written: `url` stays `url`, an option that says its default stays."""
    if field.name in stands and values[field.name] is None and not stands[field.name]:
        values[field.name] = stands[field.name]
    if field.also and field.also in stands and "\n".join(values[field.name] or ()) == shown(field, stands):
        values[field.name], values[field.also] = stands.get(field.name), stands[field.also]


def _check(form: Form, values: Mapping[str, Any], root: Path) -> None:
    """Let the part itself check its options; what it finds is put beside the field that it names, in our words."""
    own = {key: value for key, value in values.items() if key not in OURS[form.group] and value is not None}
    options = registry.load(form.group, form.kind).Options
    try:
        msgspec.convert(own, options, dec_hook=lambda _kind, text: root / str(text))
    except msgspec.ValidationError as error:
        key, sentence = plain_words(str(error), options)
        named = (field.name for field in form.fields if key in (field.name, field.also))
        needed = (field.name for field in form.fields if field.is_needed)
        name = next(named, None) or (next(needed, "") if key is None else "")
        ours_too = f"set.wrong.{form.words}.{name}"
        form.errors[name] = ours_too if ours_too in catalogue("en") else sentence


def table_of(text: str, group: str, name: str) -> dict[str, Any]:
    """Return what a `gehoor.toml`, which is TOML, says of one table; nothing when there is none."""
    found: dict[str, Any] = tomllib.loads(text).get(group, {}).get(name, {})
    return found
