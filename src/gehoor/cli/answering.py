"""Begin to answer: add a replier, and see whether it can."""

from pathlib import Path
from typing import Any

from gehoor.cli.terminal import fail, print_json, say
from gehoor.core import registry
from gehoor.core.clock import SystemClock
from gehoor.core.errors import SettingError
from gehoor.core.settings import load
from gehoor.core.settings_edit import put_table
from gehoor.core.settings_text import FILE_NAME
from gehoor.core.settings_write import add_table, write_settings
from gehoor.run.repliers import ReplierTrial, try_replier

__all__ = ["add_replier", "print_ability"]


def add_replier(root: Path, kind: str, what: list[str], name: str | None, given: dict[str, Any]) -> None:
    """Add a replier, ask its channel whether it may answer, and take over how much fits there."""
    options = registry.load("repliers", kind).Options
    if what:
        argument = getattr(options, "argument", None)
        if argument is None or len(what) > 1:
            raise SettingError(f"{kind} takes options only: gehoor add {kind} --set KEY=VALUE")
        given[argument] = what[0]
    values = {key: value for key, value in given.items() if value is not None}
    name = name or kind
    add_table(root, "repliers", name, {"type": kind, **values})
    trial = try_replier(load(root), name, SystemClock())
    say(f"Added the replier {name}. Can it answer?")
    most = trial.able.most if trial.able else None
    if "most" in options.__struct_fields__ and "most" not in values and most is not None:
        text = (root / FILE_NAME).read_bytes().decode("utf-8-sig")
        write_settings(root, put_table(text, "repliers", name, {"type": kind, **values, "most": most}))
    print_ability(trial, as_json=False)


def print_ability(trial: ReplierTrial, *, as_json: bool) -> None:
    """Say whether a replier can answer, and as whom."""
    if as_json:
        able = {"account": trial.able.account, "most": trial.able.most} if trial.able else {}
        known = {"replier": trial.replier, "type": trial.type, "ok": trial.able is not None, "trouble": trial.trouble}
        print_json(known | able)
    elif trial.able is None:
        fail(f"{trial.replier} ({trial.type}): {trial.trouble}")
    else:
        fits = f", {trial.able.most} characters fit" if trial.able.most else ""
        say(f"{trial.replier} ({trial.type}): answers as {trial.able.account}{fits}")
