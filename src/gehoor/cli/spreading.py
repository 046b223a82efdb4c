"""How far a voice carries: file in, file out; no workspace needed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gehoor.cli.terminal import AsJson, print_json, say

if TYPE_CHECKING:
    from gehoor.run.spread import SpreadReport

__all__ = ["spread"]


def spread(
    source: Annotated[Path, typer.Argument(metavar="CASCADES", help="CSV: cascade,minute; a post a row.")],
    *,
    observed_minutes: Annotated[float, typer.Option(help="How many minutes are known of each cascade.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="OUT.csv, .parquet or .jsonl.")],
    fit: Annotated[Path | None, typer.Option(help="Other cascades, their whole lives, to learn from.")] = None,
    as_json: AsJson = False,
) -> None:
    """File in, file out: how large cascades will become, from their first minutes."""
    from gehoor.run.spread import spread as spread_of_file

    report = spread_of_file(source, output, observed_minutes, fit)
    if as_json:
        print_json(report)
    else:
        _say_spread(output, report)


def _say_spread(output: Path, report: "SpreadReport") -> None:
    teachers = f"{report.learned_from:,} of yours" if report.learned_from else "simulated ones"
    say(f"{output}: {report.cascades:,} cascades, {report.rows:,} rows. Learned from {teachers}.")
    say(
        f"On each of those, learning from the others: half of the sizes were off by at most {report.median_ape:.0%} "
        f"(no more growth: {report.no_growth_median_ape:.0%}), MSLE {report.msle:.3f} ({report.no_growth_msle:.3f})."
    )
    for note in report.notes:
        say(f"Note: {note}")
