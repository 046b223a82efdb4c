"""Look at what gehoor warned of, and see whether its warnings arrive."""

import time
from typing import Annotated

import msgspec
import typer

from gehoor.cli.terminal import AsJson, Column, Place, moment, print_json, print_table, reading, say, workspace_of
from gehoor.core.alert import Alert
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.outbox import Entry
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings, load
from gehoor.run.lock import is_owned
from gehoor.run.offline import ask

__all__ = ["alerts"]

_LEVELS = {1: "notice", 2: "warning", 3: "crisis"}
_WAIT_S = 30.0


def alerts(
    *,
    workspace: Place = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 20,
    test: Annotated[str | None, typer.Option(metavar="SENDER", help="Send a test message through this sender.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what gehoor warned of; or see whether a warning arrives."""
    settings = load(workspace_of(workspace))
    if test is not None:
        _test(settings, test, as_json=as_json)
        return
    with reading():
        reader = Reader(settings.root)
        found = reader.alerts(limit=limit)
        reader.close()
    if as_json:
        for one in found:
            print_json(msgspec.to_builtins(one))
    elif found:
        _print(found, settings.workspace.timezone)
    else:
        say("Nothing out of the ordinary yet. gehoor warns while it serves.")


def _print(found: list[Alert], zone: str) -> None:
    columns: dict[str, Column] = {
        "began": "narrow", "level": "narrow", "brand": "short", "what": "narrow", "posts": "narrow", "normal": "narrow",
        "over": "narrow", "first voice": "wide",
    }  # fmt: skip
    rows = (
        (
            moment(one.began_at, zone), _LEVELS[one.level], one.brand or "everything", one.measure, one.n,
            round(one.expected), moment(one.ended_at, zone) or "going on", one.first.text if one.first else "-",
        )
        for one in found
    )  # fmt: skip
    print_table(columns, rows)


def _test(settings: Settings, sender: str, *, as_json: bool) -> None:
    if not is_owned(settings.root):
        raise SettingError("gehoor sends while it runs: start it with `gehoor serve`, then try again.")
    key = ask(settings.root, "send_test", sender=sender)
    entry = _settled(settings, key)
    if as_json:
        print_json({"key": key, "state": entry.state, "receipt": entry.receipt})
    if entry.state != "sent":
        raise TransientError(f"{sender} did not take it ({entry.state}): {entry.receipt or 'no answer yet'}")
    say(f"Sent through {sender}. It answered: {entry.receipt or 'taken'}")


def _settled(settings: Settings, key: str) -> Entry:
    """Wait until a message was sent, or why not is known."""
    reader = Reader(settings.root)
    deadline = time.monotonic() + _WAIT_S
    try:
        while True:
            [entry] = reader.entries(key, limit=1)
            is_tried = entry.state not in ("waiting", "sending") or (entry.state == "waiting" and entry.n_tries)
            if is_tried or time.monotonic() > deadline:
                return entry
            time.sleep(0.1)
    finally:
        reader.close()
