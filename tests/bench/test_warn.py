"""How soon a burst is seen, and how often for nothing.

`python -m pytest -m proof tests/bench/test_warn.py -s` prints the figures; with `GEHOOR_RECORD=1` they also land in
`bench/warn.json`, each when its test has run. The settings were chosen on simulated counts (`count_streams`); how often
each public set was scored stands with its figure. The threshold is that of the product.
"""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import chi2

from gehoor.core.clock import SystemClock
from gehoor.core.interval import share_of
from gehoor.run.detect import detect
from gehoor.warn.burst import Burst
from tests.bench.count_streams import quiet_counts

STEP_S, WEEKS, PER_MINUTE = 10, 1, 30.0
BURST_S, REST_S, FIRST_S = 600, 7_200, 86_400
NAMES = ("AAPL", "CVS", "GOOG", "KO", "UPS")
OTHERS = ("artificialNoAnomaly", "artificialWithAnomaly", "realAWSCloudwatch", "realAdExchange", "realKnownCause",
          "realTraffic")  # fmt: skip
EVENTS = ("2013_Queensland_Floods", "2013_Alberta_Floods", "2013_West_Texas_Explosion")
MONDAY = 1_775_433_600

Counts = npt.NDArray[np.float64]
Note = Callable[[str, Any], None]

pytestmark = pytest.mark.proof


@pytest.fixture
def note(repository: Path) -> Iterator[Note]:
    """Collect what a test measures; print it in the end, and keep it if asked to."""
    found: dict[str, Any] = {}
    yield found.__setitem__
    print(json.dumps(found, indent=2))
    if os.environ.get("GEHOOR_RECORD"):
        path = repository / "bench" / "warn.json"
        kept = json.loads(path.read_text(encoding="utf-8"))
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True, cwd=repository
        )
        kept |= {
            "command": "GEHOOR_RECORD=1 python -m pytest -m proof tests/bench/test_warn.py -s",
            "machine": "2 cores, shared",
            "date": datetime.fromtimestamp(SystemClock().now() / 1e6).date().isoformat(),  # noqa: DTZ006  # the day here
            "commit": commit.stdout.strip(),
        }
        kept |= {name: kept.get(name, {}) | value for name, value in found.items()}  # what is told beside it stays
        path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _nab(shared: Path, out: Path, folders: tuple[str, ...], windows: Path) -> dict[str, Any]:
    """Score series with the public scorer, at the alarm of the product."""
    begun, n_rows = time.process_time(), 0
    for folder in folders:
        (out / folder).mkdir(parents=True)
        for path in sorted((shared / "data" / "nab" / "data" / folder).glob("*.csv")):
            n_rows += detect(path, out / folder / path.name)[0]
    spent = time.process_time() - begun
    scorer = [sys.executable, shared / "bench" / "nab_score.py", out, "--windows", windows, "--threshold", "0.5"]
    done = subprocess.run(list(map(str, scorer)), capture_output=True, text=True, check=True, timeout=300)
    score = json.loads(done.stdout.splitlines()[-1])
    hit = share_of(score["standard"]["windows_hit"], score["standard"]["windows"])
    return {
        **{profile: score[profile]["score"] for profile in ("standard", "low_FP", "low_FN")},
        "windows_hit": f"{score['standard']['windows_hit']} of {score['standard']['windows']}",
        "share_of_windows_hit_95": [round(hit.low, 2), round(hit.high, 2)],
        "false_alarm_rows": score["standard"]["false_alarms"],
        "us_a_row": round(spent / n_rows * 1e6, 1),
    }


@pytest.mark.timeout(900)
def test_brands_that_are_public_score_as_promised(shared: Path, tmp_path: Path, note: Note) -> None:
    found = _nab(shared, tmp_path / "out", ("realTweets",), shared / "data" / "nab" / "windows_realtweets.json")
    found["scored"] = (
        "four times with the detector of files, which is built on one that had been scored a few times before (80.7 "
        "with 33 false rows): with a tail that learns faster 53.4 with 6; without a rest after an alarm 81.8 with 28; "
        "with a rest of a day, and .03 a week for .05 a week, 69.1 with 14; with the rest alone this. The live "
        "detector was scored four times before: 69.4 with 40"
    )
    found["published_best_threshold"] = {"ARTime": 83.8, "CAD OSE": 70.6, "Twitter ADVec": 52.9, "random": 22.9}
    note("nab_realtweets_public_five", found)
    assert found["standard"] >= 70
    assert found["false_alarm_rows"] <= 20


@pytest.mark.timeout(1_800)
def test_series_that_are_no_counts_are_scored_too(shared: Path, tmp_path: Path, note: Note) -> None:
    windows = json.loads((shared / "data" / "nab" / "windows.json").read_text(encoding="utf-8"))
    rest = {name: value for name, value in windows.items() if not name.startswith("realTweets")}
    (tmp_path / "windows.json").write_text(json.dumps(rest), encoding="utf-8")
    found = _nab(shared, tmp_path / "out", OTHERS, tmp_path / "windows.json")
    assert found["standard"] >= 40
    note(
        "nab_without_realtweets",
        found | {"published_all_58": {"CAD OSE": 70, "window": 40}},
    )


def _labelled(shared: Path, name: str) -> npt.NDArray[np.bool_]:
    """Return which buckets of ten seconds stand in a window of the public set: bursts that really were."""
    folder = shared / "data" / "nab"
    windows = json.loads((folder / "windows_realtweets.json").read_text(encoding="utf-8"))
    with (folder / "data" / "realTweets" / f"Twitter_volume_{name}.csv").open(encoding="utf-8", newline="") as file:
        times = [row["timestamp"][:19].replace("T", " ") for row in csv.DictReader(file)]
    is_labelled = np.zeros(WEEKS * 7 * 8_640, np.bool_)
    for first, last in windows[f"realTweets/Twitter_volume_{name}.csv"]:
        begin, end = (times.index(moment[:19].replace("T", " ")) * 30 for moment in (first, last))
        is_labelled[begin : end + REST_S // STEP_S] = True
    return is_labelled


def _rates(path: Path) -> Counts:
    """Return the expected posts a bucket of ten seconds, with the rhythm of a brand and a mean of 30 a minute."""
    with path.open(encoding="utf-8", newline="") as file:
        values = np.array([float(row["value"]) for row in csv.DictReader(file)])
    hourly = np.convolve(np.minimum(values, np.quantile(values, 0.99)), np.ones(12) / 12, "same")
    fine = np.interp(np.arange(WEEKS * 7 * 8_640) / 30, np.arange(len(hourly)), hourly)
    return np.asarray(fine / fine.mean() * PER_MINUTE * STEP_S / 60)


@pytest.mark.timeout(900)
def test_injected_bursts_are_seen_within_seconds(shared: Path, note: Note) -> None:
    rng = np.random.default_rng(20261122)
    folder = shared / "data" / "nab" / "data" / "realTweets"
    rates = np.stack([_rates(folder / f"Twitter_volume_{name}.csv") for name in NAMES], axis=1)
    onsets = [_onsets(rng) for _ in NAMES]
    extra = np.stack([_extra(mine, len(rates)) for mine in onsets], axis=1)
    counts = rng.poisson(rates * (1 + extra)).astype(np.float64)
    is_labelled = np.stack([_labelled(shared, name) for name in NAMES], axis=1)
    detector = Burst(STEP_S, len(NAMES))
    scores = np.array([detector.update(row, MONDAY + (step + 1) * STEP_S) for step, row in enumerate(counts)])
    for name, threshold in (("one_series_once_a_week", 0.0), ("five_brands_of_eleven_series_once_a_week", 1.74)):
        delays, false = _judged(scores >= threshold, onsets, is_labelled)
        weeks = len(NAMES) * (WEEKS - FIRST_S / 604_800)
        n_rises = sum(rates[step, series] > 2 * rates[step - 3600 // STEP_S, series] for series, step in false)
        note(f"injected_bursts_{name}", {
            "series": f"the five public brands by the hour, 30 posts a minute, {WEEKS} week each, 10 s buckets",
            "onsets": "at any second; bursts of ten minutes, four to twelve hours apart; a ramp grows all ten minutes",
            **{kind: _summary(found, rng) for kind, found in sorted(delays.items())},
            "false_alarms": "outside the injected bursts and the windows of the public set, from the second day on",
            "false_alarms_a_series_week": round(len(false) / weeks, 2),
            "false_alarms_a_series_week_95": _poisson(len(false), weeks),
            "of_them_while_the_series_itself_more_than_doubled_within_the_hour": f"{n_rises} of {len(false)}",
        })  # fmt: skip
        assert np.median(delays["step x20"]) <= 20
        assert threshold or np.median(delays["step x5"]) <= 45


def _onsets(rng: np.random.Generator) -> list[tuple[float, int, str]]:
    found: list[tuple[float, int, str]] = []
    at = float(FIRST_S)
    while (at := at + rng.uniform(14_400, 43_200)) < WEEKS * 604_800 - REST_S:
        found.append((at, (2, 5, 20)[len(found) % 3], ("step", "ramp")[len(found) // 3 % 2]))
    return found


def _extra(onsets: list[tuple[float, int, str]], n: int) -> Counts:
    """Return how many times the usual is added, by bucket; a burst begins at any second of one."""
    extra, starts = np.zeros(n), np.arange(n) * STEP_S
    for at, size, kind in onsets:
        low, high = np.maximum(starts, at), np.minimum(starts + STEP_S, at + BURST_S)
        part = np.maximum(high - low, 0) / STEP_S
        extra += (size - 1) * part * (1.0 if kind == "step" else np.clip(((low + high) / 2 - at) / BURST_S, 0, 1))
    return extra


def _judged(
    is_loud: npt.NDArray[np.bool_], onsets: list[list[tuple[float, int, str]]], is_labelled: npt.NDArray[np.bool_]
) -> tuple[dict[str, list[float]], list[tuple[int, int]]]:
    """Return the delays (seconds; infinite: never) by kind and size, and series and step of alarms nothing explains."""
    delays: dict[str, list[float]] = {}
    false: list[tuple[int, int]] = []
    for series, mine in enumerate(onsets):
        quiet = is_loud[:, series].copy()
        quiet[: FIRST_S // STEP_S] = False
        quiet &= ~is_labelled[:, series]
        for at, size, kind in mine:
            step = int(at // STEP_S)
            hits = np.flatnonzero(is_loud[step : step + BURST_S // STEP_S + 1, series])
            delay = (step + hits[0] + 1) * STEP_S - at if len(hits) else np.inf
            delays.setdefault(f"{kind} x{size}", []).append(float(delay))
            quiet[step : step + (BURST_S + REST_S) // STEP_S] = False
        rings = np.flatnonzero(quiet)
        false += [(series, step) for step in rings[np.diff(rings, prepend=-REST_S) > REST_S // STEP_S].tolist()]
    return delays, false


def _poisson(n: int, weeks: float) -> list[float]:
    """Return between which rates a week `n` in so many weeks lies, 19 times in 20."""
    low, high = chi2.ppf(0.025, 2 * n) / 2 if n else 0.0, chi2.ppf(0.975, 2 * n + 2) / 2
    return [round(float(low / weeks), 2), round(float(high / weeks), 2)]


def _summary(delays: list[float], rng: np.random.Generator) -> dict[str, Any]:
    medians = [float(np.median(rng.choice(delays, len(delays)))) for _ in range(500)]
    interval = [_known(float(edge)) for edge in np.quantile(medians, (0.025, 0.975), method="nearest")]
    return {
        "n": len(delays),
        "median_delay_s": _known(float(np.median(delays))),
        "interval_95": interval,
        "p99_delay_s": _known(float(np.quantile(delays, 0.99, method="higher"))),
        "recall": round(float(np.mean(np.isfinite(delays))), 3),
    }


def _known(delay_s: float) -> float | None:
    """Return a delay; None: not seen while the burst lasted."""
    return round(delay_s, 1) if np.isfinite(delay_s) else None


@pytest.mark.timeout(1_800)
def test_a_thousand_dependent_series_ring_once_a_week_together(note: Note) -> None:
    n, weeks, step_s = 1_000, 8, 60.0
    detector, threshold = Burst(step_s, n), np.log10(n)
    last, n_alarms = np.full(n, -(10**9)), 0
    for step, counts in enumerate(quiet_counts(np.random.default_rng(20261122), n, weeks * 10_080, step_s)):
        rises = detector.update(counts, MONDAY + (step + 1) * step_s)
        loud = np.flatnonzero((rises >= threshold) | (detector.drops(0.1) >= threshold))
        n_alarms += int((step - last[loud] > 60).sum())
        last[loud] = step
    note("quiet_weeks", {
        "series": n, "weeks": weeks, "bucket_s": step_s, "asked_a_week": 1.0, "alarms": n_alarms,
        "a_week": round(n_alarms / weeks, 2), "correction": "Bonferroni: it holds for any dependence",
    })  # fmt: skip
    assert n_alarms <= weeks + 2 * weeks**0.5


@pytest.mark.timeout(600)
def test_crises_are_seen_within_minutes(shared: Path, tmp_path: Path, note: Note) -> None:
    scorer = [sys.executable, str(shared / "bench" / "warning_score.py")]
    posts = str(shared / "data" / "crisislex" / "t6_public_events.csv.gz")
    found: dict[str, Any] = {}
    for event in EVENTS:
        counts, alarms = tmp_path / f"{event}.csv", tmp_path / f"{event}.out.csv"
        run = [*scorer, posts, "--event", event]
        subprocess.run([*run, "--write-counts", str(counts)], check=True, capture_output=True, timeout=120)
        detect(counts, alarms)
        done = subprocess.run([*run, "--alarms", str(alarms)], check=True, capture_output=True, text=True, timeout=120)
        found[event] = json.loads(done.stdout.splitlines()[-1])
    note("crisislex", found)
    assert all(event["false_alarms"] <= 1 for event in found.values())


def test_hundred_thousand_series_take_less_than_a_second_a_tick(note: Note) -> None:
    rng = np.random.default_rng(1)
    counts = rng.poisson(np.exp(rng.uniform(-7, 2, (5, 100_000)))).astype(np.float64)
    detector = Burst(10.0, 100_000)
    spent = []
    for step in range(25):
        begun = time.process_time()
        detector.update(counts[step % 5], MONDAY + 10 * (step + 1))
        spent.append(time.process_time() - begun)
    note("hundred_thousand_series", {
        "cpu_s_a_tick_median": round(float(np.median(spent)), 4),
        "cpu_s_a_tick_p99": round(float(np.quantile(spent, 0.99)), 4),
    })  # fmt: skip
    assert np.median(spent) < 1.0
