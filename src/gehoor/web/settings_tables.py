"""The parts of the settings that are there once: whose workspace it is, who is told, how long things are kept."""

from collections.abc import Mapping
from typing import Any, Literal, get_args
from zoneinfo import available_timezones

from gehoor.core.languages import ISO_639_1
from gehoor.core.settings import Settings
from gehoor.web.settings_form import Form
from gehoor.web.settings_mirror import mirror_shown, mirror_values
from gehoor.web.speech import LANGUAGES

__all__ = ["TABLES", "TONGUES", "Table", "table_form", "table_values", "zones"]

Table = Literal["workspace", "alerts", "mirror", "retention"]
TABLES: tuple[Table, ...] = get_args(Table)

TONGUES = ("nl", "en", "de", "fr", "es", "it", "pt", "pl", "tr", "ar", "uk")
"""Languages that have a tick of their own; every other is written as its code."""

_MOST_WRONG, _LONGEST_DAYS = 100.0, 36_500


def zones() -> list[str]:
    """Return the time zones that a page offers: places, not the names of before."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))


def table_form(table: Table, settings: Settings, typed: Mapping[str, str] | None) -> Form:
    """Return the form of a table; see `settings_form.part_form`."""
    return Form(group=table, values=dict(typed) if typed is not None else _SHOWN[table](settings))


def _workspace(settings: Settings) -> dict[str, str]:
    ours = settings.workspace
    ticked = {f"tongue.{code}": "yes" for code in ours.languages if code in TONGUES}
    others = " ".join(code for code in ours.languages if code not in TONGUES)
    return {"name": ours.name, "interface": ours.interface, "timezone": ours.timezone, "others": others} | ticked


def _alerts(settings: Settings) -> dict[str, str]:
    told = {f"to.{name}": "yes" for name in settings.alerts.to}
    rate, holidays = settings.alerts.false_alarms_per_week, settings.alerts.holidays
    return {"false_alarms_per_week": f"{rate:g}", "holidays": holidays or ""} | told


def _retention(settings: Settings) -> dict[str, str]:
    kept = settings.retention
    return {"ledger_days": str(kept.ledger_days), "dropped_days": str(kept.dropped_days)}


_SHOWN = {"workspace": _workspace, "alerts": _alerts, "mirror": mirror_shown, "retention": _retention}


def table_values(form: Form, settings: Settings) -> dict[str, Any]:
    """Return what `gehoor.toml` should say, with what is wrong put into `form.errors`."""
    if form.group == "workspace":
        return _workspace_values(form)
    if form.group == "mirror":
        return mirror_values(form, settings)
    if form.group == "alerts":
        rate = _number(form, "false_alarms_per_week", _MOST_WRONG)
        return {
            "to": [name for name in settings.senders if form.values.get(f"to.{name}")],
            "false_alarms_per_week": rate,
            "holidays": form.values.get("holidays") or None,
        }
    return {name: _whole(form, name) for name in ("ledger_days", "dropped_days")}


def _workspace_values(form: Form) -> dict[str, Any]:
    values = form.values
    name, zone = values.get("name", "").strip(), values.get("timezone", "").strip()
    others = values.get("others", "").lower().replace(",", " ").split()
    codes = [code for code in TONGUES if values.get(f"tongue.{code}")] + others
    if not name:
        form.errors["name"] = "set.wrong.empty"
    if zone not in available_timezones():
        form.errors["timezone"] = "set.wrong.timezone"
    if any(code not in ISO_639_1 for code in others):
        form.errors["others"] = "set.wrong.others"
    elif not codes:
        form.errors["others"] = "set.wrong.no_language"
    interface = values.get("interface") if values.get("interface") in LANGUAGES else LANGUAGES[0]
    return {"name": name, "languages": list(dict.fromkeys(codes)), "timezone": zone, "interface": interface}


def _number(form: Form, name: str, most: float) -> float:
    try:
        number = float(form.values.get(name, "").replace(",", "."))
    except ValueError:
        number = 0.0
    if not 0 < number <= most:
        form.errors[name] = f"set.wrong.{name}"
    return number


def _whole(form: Form, name: str) -> int:
    number = _number(form, name, _LONGEST_DAYS)
    if number != int(number) and name not in form.errors:
        form.errors[name] = f"set.wrong.{name}"
    return int(number)
