"""The mirror on a terminal: an edition, and what one tells it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from gehoor.cli.mirror_shape import closer_shape, folder_of, sent_round, shape_of
from gehoor.cli.terminal import AsJson, Place, moment, print_json, print_table, reading, say, workspace_of
from gehoor.core.errors import SettingError
from gehoor.core.mirror_calendars import CalendarState
from gehoor.core.mirror_reader import Moment, iso_day

__all__ = ["advice", "mirror", "moments", "renewals"]

_PERIODS = ("day", "week", "month", "year")
_EVER, _EVER_DAY = 1 << 60, 1 << 30
_T = TypeVar("_T")
Columns = dict[str, Any]


def mirror(
    *,
    workspace: Place = None,
    date: Annotated[str | None, typer.Option(help="Its last day, such as 2026-11-21; by default yesterday.")] = None,
    period: Annotated[str, typer.Option(help="day, week, month (28 days) or year (364).")] = "day",
    brand: Annotated[str, typer.Option(help="Only about this brand.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it to a file instead: .txt, .json, .html or .pdf.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Write all editions as pages to leaf through.")] = None,
    of: Annotated[
        str | None,
        typer.Option(help="A closer look: channel:NAME, segment:NAME, campaign:N, story:ID, utterance:SEQ."),
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="Mail it to those in [mirror] to, once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say how captivating and how binding you are, what changed, and what to do about it."""
    if period not in _PERIODS:
        raise SettingError(f"--period is {', '.join(_PERIODS)}; not {period!r}.")
    root = workspace_of(workspace)
    if folder is not None:
        with reading():
            n = folder_of(root, folder, period, brand)
        say(f"{folder}: {n:,} page{'' if n == 1 else 's'} to leaf through; begin at index.html.")
    elif send:
        with reading():
            sent = sent_round(root, date, period, brand)
        say(f"It goes to {', '.join(sent)}." if sent else "Everybody in [mirror] to had this edition already.")
    else:
        with reading():
            if of is not None:
                found = closer_shape(root, of, (date, brand), output, as_json=as_json)
            else:
                found = shape_of(root, date, (period, brand), output, as_json=as_json)
        if output is None:
            typer.echo(found, nl=False)
        else:
            output.write_bytes(found)
            say(f"{output}: the mirror.")


def moments(
    *,
    workspace: Place = None,
    add: Annotated[str | None, typer.Option(help="What happened or will, such as 'Interview on television'.")] = None,
    since: Annotated[str | None, typer.Option(help="When it begins: 2026-11-22 or 2026-11-22T20:30.")] = None,
    until: Annotated[str | None, typer.Option(help="When it ends; the day itself by default.")] = None,
    kind: Annotated[str, typer.Option(help="broadcast, campaign, outage, holiday, weather, launch ...")] = "other",
    brand: Annotated[str, typer.Option(help="Which brand it is about; else all.")] = "",
    file: Annotated[Path | None, typer.Option("--import", help="An iCalendar (.ics) or CSV file of moments.")] = None,
    drop: Annotated[int | None, typer.Option(help="Take one away, by its number.")] = None,
    calendars: Annotated[bool, typer.Option("--calendars", help="When each calendar in gehoor.toml was read.")] = False,
    as_json: AsJson = False,
) -> None:
    """List, add or import what may move a curve: broadcasts, campaigns, outages."""
    from gehoor.run.mirror.ask import moments_told, reading_mirror, tell

    root = workspace_of(workspace)
    if calendars:
        _calendars(root, as_json=as_json)
        return
    if file is not None or add is not None:
        if add is not None and since is None:
            raise SettingError("--add needs --since: when does it begin?")
        told = moments_told(root, file, (add or "", since or "", until), kind=kind, brand=brand)
        tell(root, "add_moments", {"moments": msgspec.to_builtins(told)})
        say(f"{len(told):,} moment{'' if len(told) == 1 else 's'} noted.")
        return
    if drop is not None:
        _drop(root, "moment", drop)
        return
    with reading(), reading_mirror(root) as (mirror_reader, settings):
        found, zone = mirror_reader.moments(0, _EVER), settings.workspace.timezone

    def row(one: Moment) -> list[Any]:
        return [one.id, moment(one.since, zone), moment(one.until, zone), one.kind, one.name]

    columns: Columns = {"n": "narrow", "since": "narrow", "until": "narrow", "kind": "short", "name": "wide"}
    _list(found, columns, row, as_json=as_json)


def _calendars(root: Path, *, as_json: bool) -> None:
    """List how each calendar fares."""
    from gehoor.run.mirror.ask import calendars_of

    with reading():
        found, zone = calendars_of(root)

    def row(one: CalendarState) -> list[Any]:
        read, failed = (moment(at, zone) if at else "" for at in (one.read_at, one.failed_since))
        return [one.host, read, failed, one.n_moments]

    columns: Columns = {"calendar": "wide", "read": "narrow", "fails since": "narrow", "moments": "narrow"}
    _list(found, columns, row, as_json=as_json)


def renewals(
    *,
    workspace: Place = None,
    add: Annotated[str | None, typer.Option(help="What you renewed, such as 'Subscription for a month'.")] = None,
    date: Annotated[str | None, typer.Option(help="Since which day, such as 2026-11-22.")] = None,
    kind: Annotated[str, typer.Option(help="In what: offer, brand, market or relation.")] = "offer",
    note: Annotated[str, typer.Option(help="Anything that helps to remember it.")] = "",
    brand: Annotated[str, typer.Option(help="Which brand it is about; else all.")] = "",
    drop: Annotated[int | None, typer.Option(help="Take one away, by its number.")] = None,
    as_json: AsJson = False,
) -> None:
    """List or add what you renewed in offer, brand, market or relation; the mirror says what came of it."""
    from gehoor.run.mirror.ask import reading_mirror, tell

    root = workspace_of(workspace)
    if add is not None:
        if date is None:
            raise SettingError("--add needs --date: since which day?")
        tell(root, "add_renewal", {"day": date, "kind": kind, "name": add, "note": note, "brand": brand})
        say("Noted. In four weeks the mirror says what came of it.")
        return
    if drop is not None:
        _drop(root, "renewal", drop)
        return
    with reading(), reading_mirror(root) as (mirror_reader, _):
        found = mirror_reader.renewals(0, _EVER_DAY)
    columns: Columns = {"n": "narrow", "day": "narrow", "kind": "short", "name": "wide", "note": "wide"}
    _list(found, columns, lambda one: [one.id, iso_day(one.day), one.kind, one.name, one.note], as_json=as_json)


def _drop(root: Path, what: str, number: int) -> None:
    from gehoor.run.mirror.ask import tell

    say("Taken away." if tell(root, f"drop_{what}", {"id": number}) else f"There is no {what} {number}.")


def _list(found: Sequence[_T], columns: Columns, row: Callable[[_T], list[Any]], *, as_json: bool) -> None:
    if not as_json:
        print_table(columns, [row(one) for one in found])
        return
    for one in found:
        print_json(one)


def advice(
    id_: Annotated[str | None, typer.Argument(metavar="ID", help="Which one, as the list names it.")] = None,
    state: Annotated[str | None, typer.Argument(help="task, done, declined or given.")] = None,
    *,
    workspace: Place = None,
    as_json: AsJson = False,
) -> None:
    """List what the mirror advised, or say what you did with it."""
    from gehoor.run.mirror.ask import reading_mirror, tell

    root = workspace_of(workspace)
    if id_ is not None:
        tell(root, "say_advice", {"id": id_, "state": state or "done"})
        say("Noted. Four weeks after it is done the mirror says whether it went well.")
        return
    with reading(), reading_mirror(root) as (mirror_reader, _):
        found = mirror_reader.advice(0, _EVER_DAY)
    columns: Columns = {"id": "wide", "day": "narrow", "state": "short", "act": "short"}
    _list(found, columns, lambda one: [one.advice.id, iso_day(one.day), one.state, one.advice.act], as_json=as_json)
