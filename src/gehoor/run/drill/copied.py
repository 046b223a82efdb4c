"""Makes the place where a drill is played: a copy of a workspace from which nothing can get out."""

import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gehoor.core.settings import Settings, load
from gehoor.core.settings_edit import drop_table, put_table, set_keys
from gehoor.core.settings_text import FILE_NAME
from gehoor.run.drill.scenario import Scenario
from gehoor.run.offline import ask

__all__ = ["drill_copy", "drill_settings"]

_KEPT = frozenset(("workspace", "brands", "roles", "duplicates", "retention", "ledger", "web"))
_KEPT_OF_ALERTS = frozenset(("false_alarms_per_week",))
_MOST = {"bluesky": 300, "mastodon": 500}


def drill_settings(text: str, name: str, port: int, channels: Iterable[str] = ()) -> str:
    """Return the settings of a copy: the same brands, but nothing that listens, sends, or asks a server.

    What is answered there is pretended: people answer as ever, and nothing leaves.

    Parameters
    ----------
    text : str
        A whole `gehoor.toml`.
    name : str
        Of the drill: every page of the copy says so.
    port : int
        Where its pages are, on 127.0.0.1.
    channels : iterable of str
        Where people can be answered.

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
    for channel in sorted(channels):
        options = {"type": "pretend-reply", "channel": channel, "most": _MOST.get(channel)}
        text = put_table(text, "repliers", f"drill-{channel}", options)
    text = set_keys(text, "workspace", {"drill": name})
    return set_keys(text, "web", {"host": "127.0.0.1", "port": port, "public_url": None})


@contextmanager
def drill_copy(root: Path, scenario: Scenario, port: int) -> Iterator[Settings]:
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
        text = path.read_text(encoding="utf-8")
        channels = {voice.channel for voice in scenario.voice} | scenario.channels.keys()
        path.write_text(drill_settings(text, scenario.name, port, channels), encoding="utf-8")
        yield load(target)
