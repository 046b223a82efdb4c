"""Archives to analyse, and what an analysis made of them."""

import gzip
from collections.abc import Generator, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gehoor.run.engine import Job, Split, StagedSplit, packed
from gehoor.run.staging import stage_split
from gehoor.run.texts import bench_posts

__all__ = ["HereEngine", "make_archive", "post", "rejects_of", "rows_of"]


class HereEngine:
    """Stages splits in the test's own process, the last one first."""

    def run(self, job: Job, splits: Iterable[Split]) -> Generator[StagedSplit, None, None]:
        """Stage all splits; see `Engine`."""
        staged = [stage_split(packed(job), split, "-here") for split in reversed(list(splits))]
        yield from reversed(staged)


def post(n: int, text: str, **fields: Any) -> bytes:
    """Return one line in the plain form."""
    row = {"id": str(n), "published": f"2026-04-{14 + n % 3}T12:00:00Z", "actor": f"u{n % 7}", "text": text}
    return msgspec.json.encode(row | fields) + b"\n"


def make_archive(folder: Path, n_files: int, n_posts: int) -> Path:
    """Make a folder of files of made posts, every third packed, one with lines that cannot be read."""
    folder.mkdir()
    lines = bench_posts(n_files * n_posts, seed=7)
    for number in range(n_files):
        data = b"".join(islice(lines, n_posts))
        name = f"posts-{number:02d}.jsonl"
        if number % 3 == 2:
            (folder / f"{name}.gz").write_bytes(gzip.compress(data, 1))
        else:
            (folder / name).write_bytes(data)
    (folder / "zz.csv").write_text('id,published,text\n1,2026-04-15,"Wat een\ndag"\n2,gisteren,Nee\n', encoding="utf-8")
    return folder


def rows_of(folder: Path) -> pa.Table:
    """Return all rows, in their order."""
    parts = [pq.read_table(part, partitioning=None) for part in sorted(folder.glob("date=*/part-*.parquet"))]
    return pa.concat_tables(parts).sort_by("seq")


def rejects_of(folder: Path) -> list[dict[str, Any]]:
    """Return what could not be read, in the order of the files."""
    return [row for part in sorted(folder.glob("_rejects/*.parquet")) for row in pq.read_table(part).to_pylist()]
