"""Whether a replier that somebody sets up can answer, asked before it is saved; nothing is posted."""

from pathlib import Path
from typing import Any

from gehoor.core.clock import Clock
from gehoor.core.errors import SettingError
from gehoor.core.settings import parse
from gehoor.core.settings_edit import put_table
from gehoor.run.repliers import ReplierTrial, try_replier
from gehoor.web.settings_form import Form

__all__ = ["ask_able"]

_TRIED = "just-tried"


def ask_able(text: str, root: Path, form: Form, values: dict[str, Any], clock: Clock) -> ReplierTrial:
    """Ask the channel; how much fits there, where it says so, is filled in."""
    name = form.name or form.values["name"] or _TRIED
    try:
        settings = parse(put_table(text, "repliers", name, values), root)
    except SettingError as error:
        return ReplierTrial(replier=name, type=form.kind, trouble=str(error))
    trial = try_replier(settings, name, clock)
    is_asked = any(field.name == "most" for field in form.fields)
    if is_asked and trial.able is not None and trial.able.most is not None:
        form.values["most"] = str(trial.able.most)
    return trial
