"""What a source would hear, tried before it is added."""

from pathlib import Path

from gehoor.core.clock import Clock
from gehoor.core.errors import SettingError
from gehoor.core.settings import parse
from gehoor.core.settings_edit import put_table
from gehoor.run.trial import Trial, try_source
from gehoor.web.settings_form import Form

__all__ = ["Heard", "file_trouble", "hear"]

Heard = Trial


def hear(text: str, root: Path, name: str, values: dict[str, object], clock: Clock) -> Heard:
    """Read the first page of a source that is not added yet; nothing is taken in."""
    try:
        settings = parse(put_table(text, "sources", name, values), root)
    except SettingError as error:
        return Trial(source=name, type=str(values.get("type", "")), trouble=str(error))
    return try_source(settings, name, clock)


def file_trouble(form: Form, values: dict[str, object], root: Path, *, is_near: bool) -> None:
    """Put into `form.errors` what is wrong with the path of a file or folder; one of ours gets a path within ours.

    Parameters
    ----------
    is_near : bool
        Whoever asks sits at this machine; others may only point at files of the workspace.
    """
    option = "folder" if form.words == "slow" else "path" if form.kind == "file" else ""
    if option not in values or form.errors:
        return
    path = (root / Path(str(values[option])).expanduser()).absolute()
    is_inside = path.resolve().is_relative_to(root.resolve())
    if not is_inside and not is_near:
        form.errors[option] = "set.wrong.file.outside"
    elif not path.exists() and not values.get("follow"):
        form.errors[option] = "set.wrong.file.missing"
    elif path.is_dir() and option == "path":
        form.errors[option] = "set.wrong.file.folder"
    elif path.is_relative_to(root.absolute()):
        values[option] = str(path.relative_to(root.absolute()))
