"""Writes `gehoor.toml` for the command line: a first one, and tables behind what the user wrote himself."""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

from gehoor.core.errors import SettingError
from gehoor.core.settings import Settings, load, parse
from gehoor.core.settings_edit import digest_of
from gehoor.core.settings_text import FILE_NAME, NAME, at_line, line_of, to_toml

__all__ = ["add_source", "add_table", "text_before", "text_of", "write_default", "write_settings"]

_BEFORE = Path("run") / f"{FILE_NAME}.before"

_DEFAULT = """\
# The settings of this workspace. Check them with: gehoor check

[workspace]
name = {name}
languages = {languages}  # ISO 639-1; every other language is "und"
timezone = {timezone}  # days on the pages begin at its midnight
interface = {interface}  # nl or en

# What people call you. Whole words, whatever the case; @acme and #acme count as acme.
# [brands.acme]
# terms = ["acme", "acme bank"]

# What is listened to. Paths are relative to this folder.
# [sources.posts]
# type = "file"
# path = "posts.jsonl"
# follow = true  # read on when the file grows, as `tail -F` does
"""


def write_default(
    root: Path,
    name: str,
    *,
    languages: tuple[str, ...] = ("nl", "en", "de", "fr", "es"),
    timezone: str = "Europe/Amsterdam",
    interface: str = "nl",
) -> Path:
    """Write a first `gehoor.toml` with its comments in the folder `root` (made if need be), and return its path.

    Raises
    ------
    SettingError
        If there is one already, if a value is not allowed, or if the folder cannot be written.
    """
    path = root / FILE_NAME
    if path.exists():
        raise SettingError(f"{path} exists already. Change it with an editor, or choose another folder.")
    if root.exists() and not root.is_dir():
        raise SettingError(f"{root} is a file. Choose a folder, which is made when it is not there.")
    values = {"name": name, "languages": languages, "timezone": timezone, "interface": interface}
    text = _DEFAULT.format(**{key: to_toml(value) for key, value in values.items()})
    parse(text, root)
    _write(path, text)
    return path


def add_source(root: Path, name: str, type_: str, options: Mapping[str, object]) -> None:
    """Add `[sources.<name>]` of a registered type to the workspace `root`; see `add_table`."""
    add_table(root, "sources", name, {"type": type_, **options})


def add_table(root: Path, group: str, name: str, values: Mapping[str, object]) -> None:
    """Add the table `[<group>.<name>]` behind what stands in `gehoor.toml`, which keeps its form and comments.

    Parameters
    ----------
    group : str
        `sources`, `receivers` or `brands`.
    values : mapping
        Its settings; what is None is left out.

    Raises
    ------
    SettingError
        If the name is taken or the settings would not be right with it; the file is then as it was.
    """
    if not NAME.fullmatch(name):
        raise SettingError(f"{name!r} is no good name: use letters, digits, - and _ (at most 64).")
    load(root)  # a file that is wrong already is named as such, not as the fault of what is added
    path = root / FILE_NAME
    old = text_of(root)
    if name in tomllib.loads(old).get(group, {}):
        where = at_line(line_of(old, (group, name)))
        raise SettingError(f"{where}: there is a [{group}.{name}] already. Choose another name, or change that one.")
    lines = [f"[{group}.{name}]", *(f"{key} = {to_toml(value)}" for key, value in values.items() if value is not None)]
    end = "\r\n" if "\r\n" in old else "\n"
    text = old.rstrip() + end * 2 + end.join(lines) + end
    parse(text, root)
    _write(path, text)


def write_settings(root: Path, text: str, digest: str | None = None) -> Settings:
    """Check a whole `gehoor.toml`, put it in the place of the one that is there, and return what it says.

    What was there is kept beside the owner's socket: `text_before`.

    Parameters
    ----------
    digest : str, optional
        `settings_edit.digest_of` the text that is to be replaced; any other is left as it is.

    Raises
    ------
    SettingError
        If it is not right, was changed by somebody else, or cannot be written; the file is then as it was.
    """
    settings = parse(text, root)
    old = text_of(root)
    if digest is not None and digest_of(old) != digest:
        raise SettingError(f"{FILE_NAME} was changed meanwhile: look at it again.")
    _write(root / _BEFORE, old)
    _write(root / FILE_NAME, text)
    return settings


def text_of(root: Path) -> str:
    """Return the text of the `gehoor.toml` of a workspace, whether it is right or not.

    Raises
    ------
    SettingError
        If it cannot be read.
    """
    try:
        return (root / FILE_NAME).read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{root / FILE_NAME} cannot be read: {error}.") from error


def text_before(root: Path) -> str | None:
    """Return what `gehoor.toml` said before it was last written by `write_settings`; None when it never was."""
    try:
        return (root / _BEFORE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _write(path: Path, text: str) -> None:
    """Put the whole text there or nothing: a new file beside it, forced to disk, takes its name."""
    path = Path(os.path.realpath(path))
    new = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # keys and tokens stand in it: nobody else reads it unless its owner decided so
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o600
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise SettingError(f"{path} cannot be written: {error.strerror}.") from error
