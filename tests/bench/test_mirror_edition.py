"""How long yesterday's edition takes, and how much memory: of a year that was heard, once its marts stand."""

import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import DAY_US, StillClock
from gehoor.core.reader import Reader
from gehoor.core.settings import load
from gehoor.core.store import open_store
from gehoor.run.mirror.keep import keep
from gehoor.run.mirror.make import Making
from gehoor.web.app import app_of
from tests.bench.mirror_workspace import LAST_DAY, write_history
from tests.bench.recording import recorded
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.mirrored import full_edition
from tests.component.mirroring import crowd, heard
from tests.component.test_web_edition import keep as keep_edition

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
@pytest.mark.timeout(1_800)
def test_live_page_answers_in_a_seventh_of_a_second_and_paper_in_five(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("weasyprint")
    posts = list(crowd(400, range(60), 0.2))
    hearing, n_posts = heard(tmp_path / "workspace", posts), len(posts)
    keep_edition(hearing, full_edition())
    app = app_of(hearing.site(Deciding(hearing), StillClock(NOON)))
    with TestClient(app, base_url="http://localhost") as pages, recorded(repository, "mirror_edition") as found:
        page, part, pdf = (
            _cpu_ms(pages, path, n, headers)
            for path, n, headers in (
                ("/mirror", 300, {}), ("/mirror", 300, {"HX-Request": "true"}), ("/mirror/paper.pdf", 9, {}),
            )
        )  # fmt: skip
        found["live_page_and_pdf"] = {
            "target": "page p99 150 ms, PDF 5 s",
            "measured": "CPU of server and client together, one after another: others used the same cores",
            "posts": n_posts,
            "page_p99_ms": round(float(np.quantile(page, 0.99)), 1),
            "page_median_ms": round(float(np.median(page)), 1),
            "renewed_part_p99_ms": round(float(np.quantile(part, 0.99)), 1),
            "pdf_first_ms": round(pdf[0]),
            "pdf_most_after_ms": round(max(pdf[1:])),
        }
    hearing.close()
    assert float(np.quantile(page, 0.99)) < 150
    assert max(pdf) < 5_000


def _cpu_ms(pages: TestClient[Litestar], path: str, n: int, headers: dict[str, str]) -> list[float]:
    found = []
    for _ in range(n):
        begun = time.process_time()
        assert pages.get(path, headers=headers).status_code == 200
        found.append(1e3 * (time.process_time() - begun))
    return found


@pytest.mark.proof
@pytest.mark.timeout(3_600)
def test_yesterday_of_ten_million_activities_takes_less_than_a_minute(repository: Path, tmp_path: Path) -> None:
    _prepare(tmp_path / "workspace", 10_000_000)
    with recorded(repository, "mirror_edition") as found:
        cost = _yesterday(tmp_path / "workspace")
        found["ten_million_activities_a_million_people"] = {"target": "60 s, 2 GB, two cores"} | cost
    assert cost["wall_s"] < _MOST_S
    assert cost["mb"] < _MOST_MB
