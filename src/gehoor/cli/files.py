"""File instruments and figures: no workspace needed."""

import platform
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from gehoor.cli.terminal import AsJson, print_json, say
from gehoor.core.settings import Brand, Settings, load

__all__ = ["annotate", "bench", "detect", "version"]


def annotate(
    source: Annotated[
        Path, typer.Argument(metavar="POSTS", help="JSON lines or CSV, also .gz: id, published, actor, text.")
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="OUT.parquet, .csv or .jsonl.")],
    brand: Annotated[list[str] | None, typer.Option(help="A name to look for; may be given more than once.")] = None,
    model: Annotated[
        list[Path] | None, typer.Option(help="A folder that gehoor train made; may be given more than once.")
    ] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="Take brands and languages from it.", show_default=False)
    ] = None,
) -> None:
    """File in, file out: language, sentiment, intent, brands and near duplicates of posts."""
    from gehoor.run.processes import one_thread

    one_thread()  # before numpy begins
    from gehoor.cli.progress import share_bar
    from gehoor.run.annotate import annotate as annotate_file

    settings = load(workspace) if workspace is not None else Settings()
    brands = settings.brands | {term: Brand(terms=(term,)) for term in brand or []}
    with share_bar("annotating") as on_progress:
        whole = msgspec.structs.replace(settings, brands=brands)
        n = annotate_file(source, output, whole, on_progress, model or ())
    say(f"{output}: {n:,} posts.")


def detect(
    source: Annotated[Path, typer.Argument(metavar="COUNTS", help="CSV: timestamp,value, in order of time.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="SCORES.csv, .parquet or .jsonl.")],
) -> None:
    """File in, file out: how unusual each count is, 0 to 1, and where an alarm would ring."""
    from gehoor.run.detect import detect as detect_in_file

    n_rows, n_alarms = detect_in_file(source, output)
    say(f"{output}: {n_rows:,} rows, {n_alarms:,} {'alarm' if n_alarms == 1 else 'alarms'}.")


def bench(
    *,
    posts: Annotated[int, typer.Option(min=1, help="How many.")] = 100_000,
    file: Annotated[
        Path | None, typer.Option(help="Real posts, whose texts are spliced; else they are made up.")
    ] = None,
    rate: Annotated[float | None, typer.Option(min=1, help="Posts a second; else flat out.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="With --rate: for how long.")] = None,
    fill: Annotated[int, typer.Option(min=0, help="So many activities in the ledger before.")] = 0,
    retention_days: Annotated[int, typer.Option(min=1, help="How long the ledger keeps.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Measure posts a second and CPU a post, through the whole pipeline."""
    from gehoor.cli.progress import share_bar
    from gehoor.run.bench import Load, run_bench
    from gehoor.web.app import serve as serve_pages

    load = Load(rate=rate, minutes=minutes, fill=fill, retention_days=retention_days)
    with share_bar("hearing") as on_share:
        figures = run_bench(posts, file, server=serve_pages, load=load, on_share=on_share)
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        typer.echo(f"{name:24} {value}")


def version(*, as_json: AsJson = False) -> None:
    """Say which gehoor this is."""
    numbers = {"gehoor": version_of("gehoor"), "python": platform.python_version()}
    if as_json:
        print_json(numbers)
    else:
        typer.echo(f"gehoor {numbers['gehoor']} (Python {numbers['python']})")
