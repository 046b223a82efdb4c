"""What understanding costs, on real posts: row stages a core, `gehoor annotate`, memory, model files, `import gehoor`.

`GEHOOR_RECORD=1 python -m pytest tests/bench/test_speed.py -m proof -s` keeps the figures in `bench/speed.json`. The
posts are questions to companies (TWCS, which may be measured on and not kept). CPU time, so that neighbours count
little; what they take of a core's cache and clock still does.
"""

import csv
import gzip
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from gehoor.core.page import RawPage
from gehoor.core.settings import Brand, Settings
from gehoor.run.replay_set import replay_set
from gehoor.run.stages import RowStages
from tests.bench.recording import recorded
from tests.component.whole import as_installed

WEBCARE = Path(os.environ.get("GEHOOR_SHARED", "../shared")) / "data" / "webcare"
AT_ONCE, N_POSTS, ROUNDS = 4_096, 100_000, 5

_rows_program = """
import csv, gzip, itertools, sys
import msgspec, pyarrow
from gehoor.core.page import RawPage
from gehoor.core.settings import Settings
from gehoor.run.stages import RowStages
pyarrow.set_cpu_count(1)
with gzip.open(sys.argv[1], "rt", encoding="utf-8") as file:
    rows = list(itertools.islice(csv.DictReader(file), 4096))
lines = msgspec.json.Encoder().encode_lines([{"id": row["id"], "text": row["text"]} for row in rows])
page = RawPage(source="file", decoder="plain", payload=lines, received=1_500_000_000_000_000)
stages = RowStages(Settings())
stages.warm()
for _ in range(4):
    stages.run([page])
# of this program alone: `ru_maxrss` begins with what the process weighed that started it
print(next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024)
"""


@pytest.fixture(scope="module")
def figures(repository: Path) -> Iterator[dict[str, Any]]:
    """Collect what is measured."""
    with recorded(repository, "speed") as found:
        yield found


def webcare() -> list[str]:
    """Return the posts, 93 characters long on average."""
    found: list[str] = []
    for name in ("twcs_inbound_requests", "twcs_threads"):
        with gzip.open(WEBCARE / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
            found += [row["text"] for row in csv.DictReader(file)]
    return found


def pages(texts: Sequence[str]) -> list[RawPage]:
    """Return the posts as pages of a source."""
    encode = msgspec.json.Encoder().encode_lines
    lines = [{"id": f"p{n}", "text": text, "actor": f"a{n % 97}"} for n, text in enumerate(texts)]
    return [
        RawPage(
            source="file", decoder="plain", payload=encode(lines[at : at + AT_ONCE]), received=1_500_000_000_000_000
        )
        for at in range(0, len(lines) - AT_ONCE + 1, AT_ONCE)
    ]


def test_what_comes_with_gehoor_is_less_than_thirty_megabytes(repository: Path) -> None:
    folders = [repository / "src/gehoor/understand/data" / name for name in ("table", "judgements")]
    assert sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file()) < 30e6


@pytest.mark.alone
def test_importing_gehoor_costs_next_to_nothing() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import gehoor"], check=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.3


@pytest.mark.proof
def test_row_stages_with_all_heads_on_real_posts(figures: dict[str, Any]) -> None:
    some = pages(webcare())
    stages = RowStages(Settings(brands={"spotify": Brand(terms=("spotify", "british airways", "klm"))}))
    stages.warm()
    stages.run(some[:1])
    stages.stage_ns.clear()
    costs = np.zeros((ROUNDS, len(some)))
    for cost in costs:
        for number, page in enumerate(some):
            start = time.process_time()
            stages.run([page])
            cost[number] = 1e6 * (time.process_time() - start) / AT_ONCE
    best = costs.min(axis=0)  # of each page the round in which the neighbours disturbed least
    rng = np.random.default_rng(0)
    means = rng.choice(best, (2_000, len(best))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    n = ROUNDS * len(some) * AT_ONCE
    figures["row_stages"] = {
        "posts_per_s_a_core": round(1e6 / best.mean()),
        "interval_95": [round(1e6 / high), round(1e6 / low)],
        "reach": 22_000,
        "posts_at_once": AT_ONCE,
        "us_per_post": round(float(best.mean()), 1),
        "us_per_post_mean_of_all_rounds": round(float(costs.mean()), 1),
        "us_by_stage": {name: round(ns / n / 1e3, 2) for name, ns in stages.stage_ns.items()},
        "load_average": round(os.getloadavg()[0], 1),
    }
    assert best.mean() < 3 * 45


@pytest.mark.proof
def test_memory_of_a_process_that_runs_the_row_stages(figures: dict[str, Any], repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _rows_program, str((WEBCARE / "twcs_inbound_requests.csv.gz").resolve())],
        cwd=repository,
        env=as_installed({**os.environ, "PYTHONPATH": "src:.", "OPENBLAS_NUM_THREADS": "1"}),
        capture_output=True, check=True, timeout=280,
    )  # fmt: skip
    figures["row_stages_memory"] = {"peak_mb": round(float(done.stdout)), "reach": 400}
    assert float(done.stdout) < 600


@pytest.mark.proof
@pytest.mark.timeout(1_500)  # a minute of CPU, which on a busy machine takes its time
def test_annotate_of_a_hundred_thousand_posts(figures: dict[str, Any], tmp_path: Path) -> None:
    texts = webcare()
    with (tmp_path / "posts.jsonl").open("wb") as file:
        for number in range(N_POSTS):
            again = number // len(texts)
            text = texts[number % len(texts)] + (f" {again}" if again else "")
            row = {"id": f"p{number}", "published": "2017-10-31T22:10:47Z", "actor": f"a{number % 997}", "text": text}
            file.write(msgspec.json.encode(row) + b"\n")
    with (tmp_path / "labelled.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("text", "label"), *((one.text, one.label) for one in replay_set("motive")[:1_200])]
        )
    _gehoor("train", "labelled.csv", "--task", "reason", "-o", "model", folder=tmp_path)
    found: dict[str, dict[str, Any]] = {}
    for name, more in (("plain", ()), ("with one model", ("--model", "model"))):
        tries = [_gehoor("annotate", "posts.jsonl", "-o", "out.parquet", *more, folder=tmp_path) for _ in range(2)]
        found[name] = {"cpu_s": min(tries), "tries": tries}
    figures["annotate"] = {"posts": N_POSTS, "reach_cpu_s": 15.0, **found}
    assert found["with one model"]["cpu_s"] < 3 * 15


def _gehoor(*words: str, folder: Path) -> float:
    """Run a command; return the seconds of CPU that it took, start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = as_installed({**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    subprocess.run([sys.executable, "-m", "gehoor", *words], cwd=folder, env=environment, check=True, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)
