"""A drill from the command line: told in a copy, warned of, written down; the workspace stays as it was."""

import subprocess
import sys
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import msgspec
import numpy as np

from gehoor.core.clock import DAY_US, SECOND_US, SystemClock
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from tests.cast import FAN
from tests.component.hearing import BRANDS, Hearing

QUIET = ("Net geboekt bij Noordvlucht", "Vlucht van Noordvlucht was op tijd", "Noordvlucht vliegt ook naar Oslo")


def _ordinary_days(now: int) -> list[Activity]:
    """Return five days in which hardly anything is said."""
    moments = now - np.sort(np.random.default_rng(3).integers(0, 5 * DAY_US, 500))[::-1]
    return [
        msgspec.structs.replace(FAN.says(f"{QUIET[n % 3]} {n}"), published=int(at), received=int(at))
        for n, at in enumerate(moments)
    ]


def test_a_drill_warns_in_its_copy_and_leaves_the_workspace_as_it_was(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    hearing = Hearing(root, BRANDS)
    now = SystemClock().now()
    for _, part in groupby(_ordinary_days(now), lambda one: one.received // (DAY_US // 2)):
        said = list(part)
        hearing.hear(said, received=said[-1].received)
    hearing.close()
    told = [post.id for post in Reader(root).posts(PostFilter(), limit=10_000)]
    command = [sys.executable, "-m", "gehoor", "drill", "outage", "-w", str(root), "--no-pages", "--json"]
    done = subprocess.run([*command, "--speed", "300", "--size", "2"], capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    what = msgspec.json.decode(done.stdout)
    steps = {step["name"]: step["after_s"] for step in what["steps"]}
    assert what["n_posts"] > 500 and 0 < steps["alarm"] < 1_200 and what["level"]
    assert steps["acknowledged"] is None and what["stalled"] == ["alarm", "acknowledged"]
    assert [post.id for post in Reader(root).posts(PostFilter(), limit=10_000)] == told
    assert Reader(root).alerts() == []
    day = datetime.fromtimestamp(now / SECOND_US, UTC).year
    pages = sorted(path.name for path in (root / "drills").iterdir())
    assert [path.endswith(("outage.html", "outage.json")) and path.startswith(str(day)) for path in pages] == [True] * 2


def test_a_drill_warns_where_nobody_ever_spoke(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    Hearing(root, BRANDS).close()
    command = [sys.executable, "-m", "gehoor", "drill", "outage", "-w", str(root), "--no-pages", "--json"]
    done = subprocess.run([*command, "--speed", "600"], capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    steps = {step["name"]: step["after_s"] for step in msgspec.json.decode(done.stdout)["steps"]}
    assert 0 < steps["alarm"] < 900
