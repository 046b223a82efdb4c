"""How long yesterday's edition takes, and how much memory: of a year that was heard, once its marts stand."""

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gehoor.core.clock import DAY_US
from gehoor.core.reader import Reader
from gehoor.core.settings import load
from gehoor.core.store import open_store
from gehoor.run.mirror.keep import keep
from gehoor.run.mirror.make import Making
from tests.bench.mirror_workspace import LAST_DAY, write_history
from tests.bench.recording import recorded

_MOST_S, _MOST_MB = 60, 2_000


def _make(root: Path, last: int) -> None:
    reader, engine = Reader(root), open_store(root)
    making = Making(load(root), reader, (last + 1) * DAY_US + DAY_US // 3)
    keep(engine, root, [making.editions("", last, ["day"])])
    reader.close()
    engine.dispose()


def _prepare(root: Path, n: int) -> None:
    """Write a year, and make the editions of the day before yesterday until every day of it is measured."""
    write_history(root, n, n // 10)
    for _ in range(14):
        _make(root, LAST_DAY - 1)
    shutil.rmtree(sorted((root / "mirror").glob("date=*"))[-1])  # as if the last day had just arrived


def _yesterday(root: Path) -> dict[str, Any]:
    """Make yesterday's edition in a process of its own."""
    code = "import sys; from tests.bench.test_mirror_edition import told; told(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, str(root)], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def told(root: str) -> None:
    """Make it and print what it cost."""
    import time

    start = time.perf_counter()
    _make(Path(root), LAST_DAY)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cost = {"wall_s": time.perf_counter() - start, "cpu_s": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}
    print(json.dumps({name: round(value, 1) for name, value in cost.items()}))


@pytest.mark.alone
def test_yesterday_of_a_small_year_takes_seconds(tmp_path: Path) -> None:
    write_history(tmp_path / "workspace", 6_000, 600, days=60)
    _make(tmp_path / "workspace", LAST_DAY - 1)
    assert _yesterday(tmp_path / "workspace")["cpu_s"] < 20


@pytest.mark.proof
@pytest.mark.timeout(3_600)
def test_yesterday_of_ten_million_activities_takes_less_than_a_minute(repository: Path, tmp_path: Path) -> None:
    _prepare(tmp_path / "workspace", 10_000_000)
    with recorded(repository, "mirror_edition") as found:
        cost = _yesterday(tmp_path / "workspace")
        found["ten_million_activities_a_million_people"] = {"target": "60 s, 2 GB, two cores"} | cost
    assert cost["wall_s"] < _MOST_S
    assert cost["mb"] < _MOST_MB
