"""The form of `[mirror]`: when it goes round, to whom, and what it looks like."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gehoor.core.settings import Settings
from gehoor.core.settings_mirror import Mirror
from gehoor.web.settings_form import Form

__all__ = ["MIRROR_PERIODS", "mail_senders", "mirror_shown", "mirror_values"]

MIRROR_PERIODS = ("day", "week", "month")


def mail_senders(settings: Settings) -> list[str]:
    """Return the senders that can carry an edition."""
    return [name for name, part in settings.senders.items() if part.type == "mail"]


def mirror_shown(settings: Settings) -> dict[str, str]:
    """Return what stands in each field."""
    ours = settings.mirror
    ticked = {f"to.{name}": "yes" for name in ours.to} | {f"period.{one}": "yes" for one in ours.periods}
    calendars = "\n".join(ours.calendars)
    texts = {"at": ours.at, "name": ours.name, "accent": ours.accent or "", "calendars": calendars}
    return texts | {"logo": _near(ours.logo, settings)} | ticked


def _near(logo: Path | None, settings: Settings) -> str:
    """Return the path as somebody would write it: within the workspace where it is there."""
    if logo is None:
        return ""
    return str(logo.relative_to(settings.root)) if logo.is_relative_to(settings.root) else str(logo)


def mirror_values(form: Form, settings: Settings) -> dict[str, Any]:
    """Return what `gehoor.toml` should say, with what is wrong put into `form.errors`."""
    typed = form.values
    texts = {name: typed.get(name, "").strip() or None for name in ("at", "name", "logo", "accent")}
    for name in ("at", "accent"):
        if texts[name] and not _is_right({name: texts[name]}):
            form.errors[name] = f"set.wrong.{name}"
    calendars = typed.get("calendars", "").split()
    if not _is_right({"calendars": calendars}):
        form.errors["calendars"] = "set.wrong.calendars"
    if texts["logo"] and not _is_ours(texts["logo"], settings):
        form.errors["logo"] = "set.wrong.logo"
    return {
        "to": [name for name in mail_senders(settings) if typed.get(f"to.{name}")],
        "periods": [one for one in MIRROR_PERIODS if typed.get(f"period.{one}")],
        "calendars": calendars or None,
        **texts,
    }


def _is_right(one: Mapping[str, Any]) -> bool:
    try:
        Mirror(**one)
    except ValueError:
        return False
    return True


def _is_ours(logo: str, settings: Settings) -> bool:
    """Tell whether it is a picture in the workspace: a page asks for no file of elsewhere."""
    path = (settings.root / logo).resolve()
    return path.is_relative_to(settings.root.resolve()) and path.is_file() and _is_right({"logo": path})
