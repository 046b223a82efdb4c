"""Puts what a form says where it stands in `gehoor.toml`, whatever kind of table it is, and takes it away again."""

from collections.abc import Mapping
from typing import Any

from gehoor.core.settings import Settings
from gehoor.core.settings_edit import drop_item, drop_table, put_item, put_table, set_keys
from gehoor.web.settings_form import Form

__all__ = ["drop_part", "names_of", "put_part"]

_BEHIND = 1_000_000
"""A place behind the last of any list."""


def names_of(settings: Settings, group: str) -> Mapping[str, Any]:
    """Return the tables of a group, by name; those of a list by their place, from 1."""
    listed = {"policies": settings.desk.policies, "shifts": settings.roster.shifts}
    if group in listed:
        return {str(place): one for place, one in enumerate(listed[group], start=1)}
    found: Mapping[str, Any] = settings.alerts.people if group == "people" else getattr(settings, group, {})
    return found


def put_part(text: str, form: Form, name: str, values: Mapping[str, Any]) -> str:
    """Let a table say what a form says; errors as of `core.settings_edit`."""
    if form.plain is None:
        return put_table(text, form.group, name, values)
    if form.group == "table":
        asked = {field.name: None for field in form.fields}
        return set_keys(text, form.path, asked | dict(values))
    if form.plain.is_listed:
        place = int(name) - 1 if name else _BEHIND
        return put_item(text, form.path, place, values)
    return put_table(text, form.path, name, values)


def drop_part(text: str, form: Form) -> str:
    """Take a table away; errors as of `core.settings_edit`."""
    if form.plain is not None and form.plain.is_listed:
        return drop_item(text, form.path, int(form.name) - 1)
    return drop_table(text, form.path, form.name)
