"""Look at the heads that judge here, let them learn from corrections, go back to an earlier one."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gehoor.cli.progress import busy
from gehoor.cli.terminal import AsJson, Column, Place, moment, print_json, print_table, reading, say, workspace_of
from gehoor.core.example import Example
from gehoor.core.examples import Examples
from gehoor.core.judgement import JUDGED
from gehoor.core.promoted import SHIPPED, current_version, versions_of
from gehoor.core.reader import Reader
from gehoor.core.refit import Refit
from gehoor.core.settings import load
from gehoor.run.offline import ask

__all__ = ["list_models", "refit", "roll_back"]

_Task = Annotated[str, typer.Argument(metavar="TASK", help=f"{', '.join(JUDGED)}.")]


def list_models(
    *,
    workspace: Place = None,
    log: Annotated[bool, typer.Option("--log", help="Every refit and every way back, newest first.")] = False,
    as_json: AsJson = False,
) -> None:
    """List which head judges, its versions, and what people said of it."""
    settings = load(workspace_of(workspace))
    with reading():
        reader = Reader(settings.root)
        examples = Examples(reader)
        lines = examples.refits()
        said = {task: examples.said(task) for task in JUDGED}
        reader.close()
    if log:
        _log(lines, settings.workspace.timezone, as_json=as_json)
        return
    heads = [_head(settings.root, task, said[task]) for task in JUDGED]
    if as_json:
        for head in heads:
            print_json(head)
        return
    names = ("task", "version", "there are", "corrections", "right", "of the sample")
    columns: dict[str, Column] = dict.fromkeys(names, "narrow")
    print_table(
        columns,
        (
            (
                h["task"],
                h["version"],
                ", ".join(map(str, h["versions"])),
                h["n_corrections"],
                h["n_right"],
                h["n_sample"],
            )
            for h in heads
        ),
    )


def _head(root: Path, task: str, said: list[Example]) -> dict[str, Any]:
    sample = [example for example in said if example.origin == "random"]
    return {
        "task": task, "version": current_version(root, task), "versions": [SHIPPED, *versions_of(root, task)],
        "n_corrections": len(said) - len(sample), "n_right": sum(example.is_right for example in sample),
        "n_sample": len(sample),
    }  # fmt: skip


def refit(
    task: Annotated[str | None, typer.Argument(metavar="[TASK]", help="This one only.", show_default=False)] = None,
    *,
    workspace: Place = None,
    as_json: AsJson = False,
) -> None:
    """Let heads learn from corrections now; what is no worse on your own random sample takes over."""
    settings = load(workspace_of(workspace))
    with reading(), busy("learning"):
        asked = ask(settings.root, "refit", tasks=[task] if task else None, wait=True)
    lines = msgspec.convert(asked, list[Refit])
    if not lines and not as_json:
        say("Nothing new was said since the last time.")
    _log(lines, settings.workspace.timezone, as_json=as_json)


def roll_back(
    task: _Task,
    *,
    to: Annotated[
        int | None,
        typer.Option(min=0, help="This version; 0 is gehoor's own. Else the one before.", show_default=False),
    ] = None,
    workspace: Place = None,
) -> None:
    """Let an earlier version of a head judge from now on."""
    with reading():
        line = msgspec.convert(ask(workspace_of(workspace), "roll_back", task=task, version=to), Refit)
    say(f"{line.task}: version {line.version} judges now." + (" That is gehoor's own." if line.version == 0 else ""))


def _log(lines: list[Refit], zone: str, *, as_json: bool) -> None:
    if as_json:
        for line in lines:
            print_json(line)
        return
    narrow = ("when", "task", "version", "outcome", "learned from", "right before", "right now", "of", "p")
    columns: dict[str, Column] = dict.fromkeys(narrow, "narrow")
    columns["note"] = "wide"
    shown = (
        (
            moment(line.at, zone), line.task, line.version, line.outcome, line.figures.n_examples,
            line.figures.n_right_before, line.figures.n_right, line.figures.n_sample,
            "" if line.figures.p_worse is None else f"{line.figures.p_worse:.2f}", line.figures.note,
        )
        for line in lines
    )  # fmt: skip
    if lines:
        print_table(columns, shown)
