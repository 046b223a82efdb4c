"""A form of the settings on its way: what was typed stays, and every error stands beside its field."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from markupsafe import Markup

from gehoor.web.settings_fields import Field, drop_name, shown, typed_text
from gehoor.web.settings_kinds import KINDS, words_of
from gehoor.web.settings_plain import PLAIN, Plain
from gehoor.web.speech import catalogue

__all__ = ["Form", "flat_of", "name_of", "part_form", "table_of"]

_SPARE = {"steps": 2, "pairs": 2}
"""So many empty boxes stand behind those that say something."""


class Form(msgspec.Struct, kw_only=True):
    """What a page shows of one table of `gehoor.toml`.

    Attributes
    ----------
    group, name : str
        The table; no name: it is not there yet. `table`: one of `settings_plain.ONCE`, by its name.
    kind : str
        Its type.
    values : dict of str to str
        What stands in each field.
    kept : set of str
        Secrets that stand in the file, and are not shown.
    errors : dict of str to str
        By field, a sentence; under "" what is wrong with the whole.
    offers : dict
        What one may choose of in this workspace, by `Field.of`: values, and what they are called.
    """

    group: str
    name: str = ""
    kind: str = ""
    values: dict[str, str] = {}
    kept: set[str] = set()
    errors: dict[str, str] = {}
    offers: dict[str, list[tuple[str, str]]] = {}

    @property
    def plain(self) -> Plain | None:
        """What there is to know of a table without a type; None: it has one, or is a brand."""
        return PLAIN.get(self.name if self.group == "table" else self.group)

    @property
    def place(self) -> str:
        """On which part of the page such tables stand."""
        known = {"brands": "brands", "senders": "alerts", "repliers": "answers"}
        return self.plain.place if self.plain else known.get(self.group, "sources")

    @property
    def back(self) -> str:
        """Return the address of where such tables stand."""
        return "/roster" if self.place == "roster" else f"/settings#{self.place}"

    @property
    def action(self) -> str:
        """Where it is sent to."""
        kind = f"?kind={self.kind}" if self.kind and not self.name else ""
        if self.place == "roster":
            return f"/roster/{'calendars' if self.group == 'table' else self.name or 'new'}"
        return f"/settings/{self.group}/{quote(self.name) or 'new'}{kind}"

    @property
    def path(self) -> str:
        """Where such tables stand in `gehoor.toml`."""
        return self.plain.path if self.plain else self.group

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is asked of this type."""
        if self.plain:
            return self.plain.fields
        return KINDS.get(self.group, {}).get(self.kind, ())  # type: ignore[call-overload, no-any-return]  # brands have none

    def has(self, name: str) -> bool:
        """Tell whether a field of this name is asked for, or none is needed: a table of a list has no name."""
        is_listed = self.plain is not None and (self.plain.is_listed or self.group == "table")
        return is_listed or any((field.key or field.name) == name for field in self.fields)

    @property
    def words(self) -> str:
        """Under which name this type has its sentences."""
        return self.plain.words if self.plain else words_of(self.group, self.kind)

    def label(self, field: Field) -> str:
        """Return the key of the sentence that names a field."""
        own = f"set.{self.words}.{field.name}"
        return own if own in catalogue("en") else f"set.any.{field.name}"

    def hint(self, field: Field) -> str:
        """Return the key of the sentence that explains a field; nothing where none is needed."""
        key = f"{self.label(field)}.hint"
        return key if key in catalogue("en") else ""

    def lines(self, field: Field) -> list[str]:
        """Return what stands in each box of a field that has several."""
        known = self.values.get(field.key or field.name, "").splitlines()
        return known + [""] * _SPARE.get(field.form, 0)

    def pairs(self, field: Field) -> dict[str, str]:
        """Return what stands in the boxes of a field that has one for each of some."""
        return dict(line.split("=", 1) for line in self.lines(field) if line)

    def choices(self, field: Field) -> list[tuple[str, str, str]]:
        """Return what one may choose: a value, the key of its sentence, else what it is called.

        What stands in the file and is not offered any more stays to be seen.
        """
        own = f"set.{self.words}.{field.name}"
        known = [(one, self._sentence(own, field.name, one), one) for one in field.choices]
        known += [(value, "", called) for value, called in self.offers.get(field.of or "", [])]
        there = {value for value, *_ in known}
        stands = self.values.get(field.key or field.name, "").splitlines() if field.form != "pairs" else []
        return known + [(line, "", line) for line in stands if line not in there]

    @staticmethod
    def _sentence(own: str, name: str, choice: str) -> str:
        keys = (f"{own}.{choice or 'auto'}", f"set.{name}.{choice or 'auto'}")
        return next((key for key in keys if key in catalogue("en")), "")

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
            field.is_more and (field.name in self.errors or self.values.get(field.key or field.name))
            for field in self.fields
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
    """Return the form of a source, receiver, sender or replier, or of a table without a type.

    Parameters
    ----------
    stands : mapping
        What `gehoor.toml` says; empty for a new one.
    typed : mapping, optional
        What somebody typed; None: it is opened just now.
    """
    form = Form(group=group, name=name, kind=kind)
    known = flat_of(form, stands)
    secrets = [field for field in form.fields if field.form == "secret"]
    form.kept = {field.name for field in secrets if known.get(field.name) and not shown(field, known)}
    for field in form.fields:
        text = shown(field, known) if typed is None else typed_text(field, typed)
        form.values[field.key or field.name] = text
        if field.form == "secret" and typed is not None and typed.get(drop_name(field)):
            form.kept.discard(field.name)
    if not form.has("name"):
        form.values["name"] = name if typed is None else typed.get("name", "").strip() or name
    return form


def flat_of(form: Form, stands: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in the file with the tables in it that a page asks of by their options: `mailbox.host`."""
    inner = {field.name.partition(".")[0] for field in form.fields if "." in field.name}
    known = {key: value for key, value in stands.items() if key not in inner}
    within = {f"{key}.{name}": one for key in inner for name, one in stands.get(key, {}).items()}
    return known | within


def table_of(text: str, group: str, name: str) -> dict[str, Any]:
    """Return what a `gehoor.toml`, which is TOML, says of one table; nothing when there is none.

    Parameters
    ----------
    group, name : str
        As of a `Form`.
    """
    plain = PLAIN.get(name if group == "table" else group)
    node: Any = tomllib.loads(text)
    for key in (plain.path if plain else group).split("."):
        node = node.get(key, {})
    if plain is not None and plain.is_listed:
        return dict(node[int(name) - 1]) if name.isdecimal() and 0 < int(name) <= len(node) else {}
    return dict(node if group == "table" else node.get(name, {}))
