"""Who is one person: FEBRL 4, and `fake_1000` with its heavy errors, beside splink on the same records.

`python -m pytest tests/bench/test_match.py -s` prints the figures; with `GEHOOR_RECORD=1` they also land in
`bench/match.json`. How it compares and learns was chosen on FEBRL 2 and 3, on FEBRL 3 with errors added, and on made-up
mailing lists. `fake_1000` is not held out: its first rows were read with the truth, and it was scored some six times on
the way (.9685, .9706, .963, .961 ...). FEBRL 1 and FEBRL 4 are held out: each was opened once.
"""

import csv
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gehoor.core.clock import SystemClock
from gehoor.run.match import match

TARGETS = {"febrl_1": 0.95, "febrl_4": 0.995, "splink_fake_1000": 0.9211}
"""Of FEBRL 1 nobody published a figure for a rule like ours: what it must not fall under, set before it was opened."""
REFERENCES: dict[str, dict[str, Any]] = {
    "febrl_1": {},
    "febrl_4": {"rule_of_three_exact_fields": 0.9957},
    "splink_fake_1000": {
        "splink_5.0.0": {
            "pair_f1_at_0.5": 0.9211,
            "pair_f1_at_0.95": 0.8192,
            "pair_precision_and_recall_at_0.5": [0.992, 0.8597],
            "bcubed_f1_at_0.5": 0.9378,
            "settings": "its quickstart's comparisons (name, Jaro, birth, city by frequency, mail), recall 0.7; "
            "blocks first_name, surname, dob, email each; trained on first_name + surname and on email. With the two "
            "blocks of the quickstart: 0.5997",
        }
    },
}


@pytest.fixture(scope="module")
def figures(repository: Path) -> Iterator[dict[str, Any]]:
    """Collect what is measured; print it in the end, and keep it if asked to."""
    date = datetime.fromtimestamp(SystemClock().now() / 1e6).date().isoformat()  # noqa: DTZ006  # the day here is meant
    git = ["git", "-C", str(repository), "rev-parse", "--short", "HEAD"]
    found: dict[str, Any] = {
        "command": "GEHOOR_RECORD=1 python -m pytest tests/bench/test_match.py -s -m ''",
        "machine": "2 cores, shared",
        "date": date,
        "commit": subprocess.run(git, capture_output=True, text=True, check=True, timeout=20).stdout.strip(),
        "looked_at": "febrl_1 and febrl_4 once each; splink_fake_1000 about six times during development, its first "
        "rows read with the truth: not held out",
    }
    yield found
    print(json.dumps(found, indent=2))
    if os.environ.get("GEHOOR_RECORD"):
        (repository / "bench" / "match.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _interval(told: Path, truth: Path) -> list[float]:
    """Return where pairwise F1 lies, 95 times of 100, when other persons had been asked."""
    with told.open(newline="") as file, gzip.open(truth, "rt", newline="") as true:
        found = {row["id"]: row["person_id"] for row in csv.DictReader(file)}
        rows = [(row["person_id"], found[row["id"]]) for row in csv.DictReader(true)]
    person, group = (np.unique(column, return_inverse=True)[1] for column in zip(*rows, strict=True))
    both = np.unique(np.column_stack([person, group]), axis=0, return_counts=True)
    right = np.bincount(both[0][:, 0], both[1] * (both[1] - 1) / 2)
    true_pairs = np.bincount(person) * (np.bincount(person) - 1) / 2
    mates = np.bincount(group)[group] - 1
    told_pairs = np.bincount(person, mates / 2)
    drawn = np.random.default_rng(0).integers(0, len(right), (1_000, len(right)))
    scores = 2 * right[drawn].sum(axis=1) / (true_pairs[drawn].sum(axis=1) + told_pairs[drawn].sum(axis=1))
    return [round(float(edge), 4) for edge in np.quantile(scores, [0.025, 0.975])]


@pytest.mark.parametrize("name", ["febrl_1", pytest.param("febrl_4", marks=pytest.mark.proof), "splink_fake_1000"])
def test_persons_are_found_better_than_by_the_reference(
    name: str, shared: Path, tmp_path: Path, figures: dict[str, Any]
) -> None:
    folder, told = shared / "data" / "identity", tmp_path / "persons.csv"
    report = match(folder / f"{name}.csv.gz", told, {})
    truth = folder / f"{name}_truth.csv.gz"
    scorer = [sys.executable, str(shared / "bench" / "pairs_score.py"), str(told), str(truth)]
    printed = subprocess.run(scorer, capture_output=True, text=True, check=True, timeout=120).stdout
    scored = json.loads(printed.strip().splitlines()[-1])
    figures[name] = {
        "ours": {key: scored[key] for key in ("pair_precision", "pair_recall", "pair_f1", "bcubed_f1")},
        "pair_f1_interval_95": _interval(told, truth),
        "persons": [report.persons, scored["persons_true"]],
        "reference": REFERENCES[name],
        "target": TARGETS[name],
    }
    assert scored["missing"] == 0
    assert scored["pair_f1"] >= TARGETS[name]
