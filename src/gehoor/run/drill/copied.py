"""Makes the place where a drill is played: a copy of a workspace from which nothing can get out."""

import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gehoor.core.settings import Settings, load
from gehoor.core.settings_edit import drop_table, set_keys
from gehoor.core.settings_text import FILE_NAME
from gehoor.run.offline import ask

__all__ = ["drill_copy", "drill_settings"]

_KEPT = frozenset(("workspace", "brands", "roles", "duplicates", "retention", "ledger", "web"))
_KEPT_OF_ALERTS = frozenset(("false_alarms_per_week",))


def drill_settings(text: str, name: str, port: int) -> str:
    """Return the settings of a copy: the same brands, but nothing that listens, sends, or asks a server.

    Parameters
    ----------
    text : str
        A whole `gehoor.toml`.
    name : str
        Of the drill: every page of the copy says so.
    port : int
        Where its pages are, on 127.0.0.1.

    Examples
    --------
    >>> print(drill_settings('[brands.a]\\nterms = ["a"]\\n[senders.x]\\ntype = "mail"\\n', "outage", 8500))
    [brands.a]
    terms = ["a"]
    <BLANKLINE>
    [workspace]
    drill = "outage"
    <BLANKLINE>
    [web]
    host = "127.0.0.1"
    port = 8500
    <BLANKLINE>
    """
    for table, values in tomllib.loads(text).items():
        if table in _KEPT:
            continue
        if table == "alerts":
            if "people" in values:
                text = drop_table(text, "alerts", "people")
            text = set_keys(text, table, dict.fromkeys(values.keys() - _KEPT_OF_ALERTS - {"people"}))
            continue
        for key, value in values.items():
            text = drop_table(text, table, key) if isinstance(value, dict) else set_keys(text, table, {key: None})
    text = set_keys(text, "workspace", {"drill": name})
    return set_keys(text, "web", {"host": "127.0.0.1", "port": port, "public_url": None})


@contextmanager
def drill_copy(root: Path, name: str, port: int) -> Iterator[Settings]:
    """Copy a workspace, running or not, mark the copy, and take it away at the end.

    Raises
    ------
    SettingError
        There is no workspace, or no room for another.
    """
    with tempfile.TemporaryDirectory(prefix="gehoor-drill-") as folder:
        target = Path(folder) / "workspace"
        ask(root, "backup", target=str(target))
        path = target / FILE_NAME
        path.write_text(drill_settings(path.read_text(encoding="utf-8"), name, port), encoding="utf-8")
        yield load(target)
