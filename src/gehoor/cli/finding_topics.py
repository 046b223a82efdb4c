"""What posts are about: file in, file out; no workspace needed."""

from pathlib import Path
from typing import Annotated

import typer

from gehoor.cli.terminal import say

__all__ = ["topics"]


def topics(
    source: Annotated[
        Path, typer.Argument(metavar="POSTS", help="JSON lines or CSV, also .gz: id, published, text, in order.")
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="OUT.csv, .parquet or .jsonl.")],
) -> None:
    """File in, file out: which posts are about the same, in one pass."""
    from gehoor.run.processes import one_thread

    one_thread()  # before numpy begins
    from gehoor.run.topics import topics as topics_of_file

    report = topics_of_file(source, output)
    say(f"{output}: {report.n_posts:,} posts, {report.n_topics:,} topics.")
