"""The verb that reads whole archives: a folder of files in, Parquet out, here or on Spark."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from gehoor.cli.terminal import AsJson, print_json, say
from gehoor.core.errors import SettingError
from gehoor.core.settings import Brand, Settings, load

if TYPE_CHECKING:
    from gehoor.run.engine import Engine, OnShare

__all__ = ["analyse"]


def analyse(
    source: Annotated[
        Path,
        typer.Argument(metavar="INPUT", help="A file, or a folder of them: JSON lines, CSV, Parquet, X exports; .gz."),
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="A folder: new, or empty.")],
    engine: Annotated[Literal["local", "spark"], typer.Option(help="Processes of this machine, or Spark.")] = "local",
    master: Annotated[
        str | None, typer.Option(help="spark: local[*], spark://host:7077 ...", show_default="local[*]")
    ] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="local: how many.", show_default="one a core")] = None,
    brand: Annotated[list[str] | None, typer.Option(help="A name to look for; may be given more than once.")] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="Take brands and languages from it.", show_default=False)
    ] = None,
    column: Annotated[list[str] | None, typer.Option(help="OURS=THEIRS, such as text=body; repeatable.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of what is not UTF-8, such as cp1252.")] = None,
    as_json: AsJson = False,
) -> None:
    """Files in, Parquet out: everything gehoor understands of an archive, by day, for DuckDB, pandas or Spark."""
    from gehoor.cli.progress import share_bar
    from gehoor.run.analyse import analyse as analyse_files
    from gehoor.run.engine import Form

    settings = load(workspace) if workspace is not None else Settings()
    brands = settings.brands | {term: Brand(terms=(term,)) for term in brand or []}
    settings = msgspec.structs.replace(settings, brands=brands)
    form = Form(encoding=encoding, columns=_columns(column or []))
    with share_bar("analysing") as on_share:
        chosen = _engine(engine, master, processes, on_share)
        done = analyse_files(source, output, chosen, settings=settings, form=form)
    if as_json:
        print_json(done)
        return
    say(
        f"{output}: {done.rows:,} rows from {done.files:,} {'file' if done.files == 1 else 'files'}, "
        f"{done.duplicates:,} of them near duplicates."
    )
    if done.rejects:
        say(f"{done.rejects:,} could not be read; why stands in {output / '_rejects'}.")
    if done.left_aside:
        more = f" and {len(done.left_aside) - 1:,} more" if len(done.left_aside) > 1 else ""
        say(f"Left aside: {done.left_aside[0]}{more}.")


def _engine(name: str, master: str | None, processes: int | None, on_share: "OnShare") -> "Engine":
    if name == "spark":
        from gehoor.run.analyse_spark import SparkEngine

        if processes is not None:
            raise SettingError("--processes is for the local engine; with Spark, the master says how many: local[4].")
        return SparkEngine(master or "local[*]", on_share)
    from gehoor.run.analyse_local import LocalEngine

    if master is not None:
        raise SettingError(f"--master {master} is for Spark: add --engine spark.")
    return LocalEngine(processes, on_share)


def _columns(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if not all(pair.partition("=")):
            raise SettingError(f"--column {pair}: write it as OURS=THEIRS, such as text=body.")
    return {ours: theirs for ours, _, theirs in (pair.partition("=") for pair in pairs)}
