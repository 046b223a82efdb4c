"""Drives posts through the complete pipeline and says what each costs: `gehoor bench`."""

import asyncio
import multiprocessing as mp
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from gehoor.core.clock import DAY_US, SECOND_US, Clock, ReplayClock, SystemClock
from gehoor.core.errors import ContractError, SettingError
from gehoor.core.settings import Part, Settings, parse
from gehoor.core.settings import load as load_settings
from gehoor.core.settings_text import FILE_NAME
from gehoor.listen.file import FileOptions
from gehoor.run.bench_posts import PacedSource, Posts, Written, write_posts
from gehoor.run.bench_run import Measured, Run
from gehoor.run.demo_run import free_port
from gehoor.run.local import WebServer, run_owner
from gehoor.run.owner import Owner

__all__ = ["Load", "run_bench"]

_RATE = 4_600.0
_FILL_PART = 500_000
_PORT = 18_400
_SETTINGS = """\
[workspace]
name = "bench"

[brands.noordvlucht]
terms = ["noordvlucht"]

[brands.zuiderlucht]
terms = ["zuiderlucht"]

[brands.noorderbank]
terms = ["noorderbank"]

[brands.polderstroom]
terms = ["polderstroom"]

[retention]
ledger_days = {retention_days}

[web]
port = {port}
"""


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Under which load to measure.

    Attributes
    ----------
    rate : float, optional
        Posts a second; None: flat out.
    minutes : float, optional
        With a rate: for how long (instead of a number of posts).
    fill : int
        So many activities are in the ledger before; a tenth of them of a day that retention drops at midnight, which
        then falls in the middle of what is measured.
    retention_days : int
        How long the ledger keeps.
    """

    rate: float | None = None
    minutes: float | None = None
    fill: int = 0
    retention_days: int = 90

    def n_posts(self, posts: int) -> int:
        """Return how many posts that makes."""
        if self.minutes is None:
            return posts
        if self.rate is None:
            raise SettingError("A number of minutes needs a rate: add --rate 4600.")
        return round(self.rate * self.minutes * 60)


def run_bench(
    posts: int,
    file: Path | None = None,
    *,
    server: WebServer,
    load: Load | None = None,
    on_share: Callable[[float], None] | None = None,
) -> dict[str, Any]:
    """Measure the complete pipeline: owner, two row-stage processes, web process, ledger, search, history, counts.

    Parameters
    ----------
    posts : int
        How many; made (or spliced) beforehand, which is not measured.
    file : Path, optional
        Real posts whose texts are spliced; else they are made up.
    server : WebServer
        `gehoor.web.app.serve`.
    on_share : callable, optional
        Told how much of the posts is in, 0 to 1.

    Returns
    -------
    dict
        `posts_per_s`, `cpu_us_per_post` (user and system, all processes, from the first page read until all is
        durable), `stages` (the same by stage; `beside`: processes that come and go, such as the mirror's),
        `peak_rss_mb` (largest sum of PSS), `peak_standing_mb` (without those that come and go),
        `read_to_visible_p99_s` (page read until it is committed and synced in the ledger, where every reader sees it),
        `read_to_durable_p99_s` (until counts and projections are synced too), `course` (every ten seconds: seconds,
        posts that wait, MB), `distinct_texts_share`, `word_types` and what it was measured with.

    Raises
    ------
    SettingError
        The file holds no texts, or the disk is full.
    """
    load = load or Load()
    with tempfile.TemporaryDirectory(prefix="gehoor-bench-") as folder:
        bench = _Bench(Path(folder), load, Posts(n=load.n_posts(posts), file=file, start=0, rate=load.rate or _RATE))
        return bench.run(server, on_share)


class _Bench:
    """One bench in its folder."""

    def __init__(self, folder: Path, load: Load, posts: Posts) -> None:
        self._folder, self._load = folder, load
        root = folder / "workspace"
        root.mkdir()
        text = _SETTINGS.format(retention_days=load.retention_days, port=free_port(_PORT))
        (root / FILE_NAME).write_text(text, encoding="utf-8")
        self._settings = parse(text, root)
        self._posts = msgspec.structs.replace(posts, start=self._start(posts))

    def _start(self, posts: Posts) -> int:
        """Return when the posts begin: now when they come live, just before now when they come flat out."""
        now, lasts = SystemClock().now(), round(posts.n / posts.rate * SECOND_US)
        if self._load.fill:
            return (now // DAY_US + 1) * DAY_US - lasts // 2
        return now if self._load.rate is not None else now - lasts

    def run(self, server: WebServer, on_share: Callable[[float], None] | None) -> dict[str, Any]:
        """Fill, write, run, and put the figures together."""
        path = self._folder / "posts.jsonl"
        self._fill()
        written = write_posts(self._posts, [path])
        is_live = self._load.rate is not None or self._load.fill > 0
        clock: Clock = ReplayClock(self._posts.start, 1.0) if is_live else SystemClock()
        run = Run(self._settings, clock, PacedSource("bench", path, clock, self._load.rate), self._posts.n)
        return self._figures(run.measure(server, on_share), written)

    def _fill(self) -> None:
        """Put activities into the ledger: a tenth on the day that retention drops, the others on the day itself."""
        n_old = self._load.fill // 10
        # three hours before the posts, and on the same day as they: midnight is right behind their start
        today = self._posts.start - DAY_US // 8
        for n, start, seed in (
            (n_old, today - self._load.retention_days * DAY_US, 1),
            (self._load.fill - n_old, today, 2),
        ):
            if not n:
                continue
            paths = [self._folder / f"fill-{seed}-{part}.jsonl" for part in range(-(-n // _FILL_PART))]
            rate = n * SECOND_US / (DAY_US / 10)
            write_posts(Posts(n=n, file=self._posts.file, start=start, rate=rate, seed=seed), paths)
            for path in paths:
                _take_in_elsewhere(self._settings, path, start + DAY_US // 10)
                path.unlink()

    def _figures(self, measured: Measured, written: Written) -> dict[str, Any]:
        load = {name: value for name, value in msgspec.structs.asdict(self._load).items() if value}
        return {
            **msgspec.structs.asdict(measured),
            "distinct_texts_share": round(written.distinct_texts_share, 4),
            "word_types": written.word_types,
            "texts": "made" if self._posts.file is None else f"spliced from {self._posts.file.name}",
            "load": load,
            "machine": _machine(),
            "date": datetime.fromtimestamp(SystemClock().now() / SECOND_US, UTC).date().isoformat(),
            "commit": _commit(),
        }


def _take_in_elsewhere(settings: Settings, path: Path, now: int) -> None:
    """Read a file into the ledger in a process of its own: what it leaves in memory is none of what is measured."""
    process = mp.get_context("spawn").Process(target=_take_in, args=(settings.root, path, now))
    process.start()
    process.join()
    if process.exitcode:
        raise ContractError(f"The bench's posts were not taken in: the process ended with {process.exitcode}.")


def _take_in(root: Path, path: Path, now: int) -> None:
    settings = load_settings(root)
    part = Part(type="file", options=FileOptions(path=path))
    owner = Owner(msgspec.structs.replace(settings, sources={path.stem: part}), ReplayClock(now, 1.0))
    asyncio.run(run_owner(owner, None, until_done=True, on_ready=None))
    if owner.tasks[0].status != "done":
        raise ContractError(f"The bench's posts were not taken in: {owner.tasks[0].message}.")


def _machine() -> dict[str, Any]:
    name = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    load = [round(value, 1) for value in os.getloadavg()]
    return {"cpu": name, "cores": os.cpu_count(), "python": platform.python_version(), "load_average": load}


def _commit() -> str:
    """Return the commit of a checkout, or the version of an installed gehoor."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5.0)
    except (OSError, subprocess.TimeoutExpired):
        return version("gehoor")
    return done.stdout.strip() if done.returncode == 0 else version("gehoor")
