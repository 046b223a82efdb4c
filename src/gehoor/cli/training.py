"""Training: a model of one's own from labelled texts, a table from texts without labels."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gehoor.cli.terminal import AsJson, Column, print_json, print_table, say
from gehoor.core.errors import SettingError

if TYPE_CHECKING:
    from gehoor.run.trained import Trained

__all__ = ["train"]

_MOST_SHOWN = 8


def train(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="LABELLED...", help="JSON lines or CSV, also .gz: text, label. With --table: text."),
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="A folder for the model.")],
    task: Annotated[
        str | None, typer.Option(help="What is judged, such as need: it becomes a column.", show_default=False)
    ] = None,
    sure: Annotated[
        float | None,
        typer.Option(
            help="Answer only where answers are right so often, such as 0.9; else unknown.", show_default=False
        ),
    ] = None,
    unknown: Annotated[
        str | None, typer.Option(help="The label of texts that belong to no class; oos is one.", show_default=False)
    ] = None,
    licence: Annotated[str, typer.Option(help="Of the labelled texts, for the manifest.")] = "not stated",
    with_table: Annotated[
        Path | None, typer.Option(help="A table that --table made, instead of the shipped one.", show_default=False)
    ] = None,
    unlabelled: Annotated[
        Path | None,
        typer.Option(help="Texts without labels to learn from, too; needs gehoor[encoder].", show_default=False),
    ] = None,
    table: Annotated[
        bool, typer.Option("--table", help="Fit the table to texts without labels; needs gehoor[encoder].")
    ] = False,
    dimensions: Annotated[int, typer.Option(help="With --table: how long a vector is, 2 to 256.")] = 128,
    as_json: AsJson = False,
) -> None:
    """Make a model of your own from labelled texts, from 50 on; or fit the table to your texts."""
    if table:
        _train_table(sources, output, dimensions, as_json=as_json)
        return
    if task is None:
        raise SettingError("What is judged? Name it: --task need")
    if len(sources) > 1:
        raise SettingError("A model is trained on one file of labelled texts: put them together.")
    from gehoor.cli.progress import task_bar
    from gehoor.run.train import Training
    from gehoor.run.train import train as train_model

    how = Training(task=task, unknown=unknown, sure=sure, licence=licence, table=with_table, unlabelled=unlabelled)
    with task_bar() as on_progress:
        trained = train_model(sources[0], output, how, on_progress)
    if as_json:
        print_json(trained)
        return
    _show(trained, output)


def _train_table(sources: list[Path], output: Path, dimensions: int, *, as_json: bool) -> None:
    from gehoor.cli.progress import task_bar
    from gehoor.run.train_table import train_table

    with task_bar() as on_progress:
        report = train_table(sources, output, dimensions=dimensions, on_progress=on_progress)
    if as_json:
        print_json(asdict(report))
        return
    say(f"{output}: a table of {report.dimensions} dimensions, fitted further on {report.n_texts:,} texts.")
    say(f"On {report.n_held_out:,} texts that it never saw, its cosine to the encoder is {report.after:.3f};")
    say(f"that of the shipped table is {report.before:.3f}. Use it: gehoor train LABELLED --with-table {output} ...")


def _show(trained: "Trained", output: Path) -> None:
    """Say how a model does, in the order in which somebody asks."""
    from gehoor.run.train_report import REPORT_FILE
    from gehoor.run.trained import MORE_LABELS

    low, high = (_percent(share) for share in trained.accuracy_95)
    say(f"{output}: {trained.n:,} texts, {len(trained.classes)} classes. Held out, {_percent(trained.accuracy)} right")
    say(f"(95 % interval {low} to {high}), macro-F1 {_percent(trained.macro_f1)}.")
    say(f"{MORE_LABELS} more labels would bring about {100 * trained.gain:+.1f} points.")
    say(f"Probabilities are {100 * trained.calibration_error:.1f} points off on average.")
    if trained.least_p:
        answered, right = _percent(trained.answered), _percent(trained.answered_accuracy)
        say(f"It answers {answered} of the texts, and of these {right} is right; the rest is unknown.")
    for note in trained.notes:
        say(f"Note: {note}")
    columns: dict[str, Column] = {
        "class": "short",
        "labels": "narrow",
        "found": "narrow",
        "right": "narrow",
        "lacks": "wide",
    }
    weakest = [one for one in trained.by_class if one.advice][:_MOST_SHOWN] or trained.by_class[:_MOST_SHOWN]
    rows = [(one.name, one.n, _percent(one.recall), _percent(one.precision), one.advice) for one in weakest]
    print_table(columns, rows)
    if trained.doubts:
        say(f"{len(trained.doubts)} labels may be wrong, most likely those of rows " + _rows(trained) + ".")
    say(f"The whole report: {output / REPORT_FILE}")
    say(f"Use it: gehoor annotate POSTS --model {output} -o OUT.parquet")


def _rows(trained: "Trained") -> str:
    return ", ".join(str(one.row) for one in trained.doubts[:_MOST_SHOWN])


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
