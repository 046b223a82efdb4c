"""Look at what relevance dropped, bring some of it back, or hear all of it again after the query was corrected."""

from typing import Annotated, Any

import msgspec
import typer

from gehoor.cli.progress import busy
from gehoor.cli.terminal import AsJson, Column, Place, moment, print_json, print_table, reading, say, workspace_of
from gehoor.core.dropped import DroppedPost
from gehoor.core.errors import SettingError
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings, load
from gehoor.run.offline import ask

__all__ = ["dropped"]


def dropped(
    *,
    workspace: Place = None,
    source: Annotated[str | None, typer.Option(help="Of this source only.")] = None,
    replay: Annotated[bool, typer.Option("--replay", help="Hear all of it again, after a corrected query.")] = False,
    keep: Annotated[list[str] | None, typer.Option(help="Bring this one back; may be given more than once.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what concerned none of your brands and was not kept; or bring it back."""
    settings = load(workspace_of(workspace))
    if replay and keep:
        raise SettingError("Either --replay, which hears all of it again, or --keep, which brings one back.")
    if replay:
        counts = _asked(settings, "replay_dropped", source=source)
        say(f"{counts['taken_in']} taken in, {counts['kept']} still concern none of your brands.")
    elif keep:
        counts = _asked(settings, "bring_back", handles=keep)
        say(f"{counts['taken_in']} brought back, {counts['gone']} no longer there.")
    else:
        _list(settings, source, limit, as_json=as_json)
        return
    if as_json:
        print_json(counts)


def _asked(settings: Settings, op: str, **arguments: Any) -> dict[str, int]:
    with reading(), busy("hearing it again"):
        counts: dict[str, int] = ask(settings.root, op, **arguments)
    return counts


def _list(settings: Settings, source: str | None, limit: int, *, as_json: bool) -> None:
    with reading():
        reader = Reader(settings.root)
        rows, totals = reader.dropped(source, limit), reader.dropped_counts()
        reader.close()
    if as_json:
        for row in rows:
            print_json(msgspec.to_builtins(row))
        return
    for name, reasons in totals.items():
        if source in (None, name):
            said = ", ".join(f"{n:,} {reason}" for reason, n in reasons.items())
            say(f"{name}: {said}. What was said is kept for {settings.retention.dropped_days} days.")
    if not rows:
        say("Nothing was dropped, or nothing of it is still there.")
        return
    _print(rows, settings.workspace.timezone)


def _print(rows: list[DroppedPost], zone: str) -> None:
    columns: dict[str, Column] = {
        "handle": "narrow",
        "when": "narrow",
        "source": "narrow",
        "who": "short",
        "text": "wide",
    }
    shown = (
        (
            row.handle, moment(row.published or row.received, zone), row.source, row.actor_name or row.actor or "-",
            row.text or row.type,
        )
        for row in rows
    )  # fmt: skip
    print_table(columns, shown)
