"""The kill harness, proven on the toy: the careful one comes through, each careless one is found out."""

import json
import socket
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.crash.killer import Ordeal, Running, Subject, torment, wait_until
from tests.crash.load import Feeder, GrowingFile, Poster
from tests.crash.toy import counts


@dataclass(frozen=True)
class Aftermath:
    ordeal: Ordeal
    expected: set[int]
    acknowledged: set[int]
    kept: dict[int, int]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str, within_s: float = 1.0) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=within_s) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def ordeal_of_toy(folder: Path, flaw: str = "", n_kills: int = 6, patience_s: float = 4.0) -> Aftermath:
    port, rng = free_port(), np.random.default_rng(11)
    command = [sys.executable, "-m", "tests.crash.toy", str(folder), str(port), *([flaw] if flaw else [])]
    url = f"http://127.0.0.1:{port}/"
    file = GrowingFile(folder / "numbers", lambda number: str(number).encode(), range(100_000))
    poster = Poster(url, lambda numbers: json.dumps(list(numbers)).encode(), range(100_000, 200_000), rng.spawn(1)[0])
    subject = Subject(
        command,
        lambda: answers(url),
        folder / "log",
        lambda: poster.streak,
        ready_within_s=patience_s,
        gone_within_s=patience_s,
    )
    with Feeder(file, poster):
        ordeal = torment(subject, n_kills, longest_s=0.3, rng=rng)
    last = Running(subject)
    last.wait_ready(30)
    poster.finish()
    wait_until(lambda: set(file.written) <= counts(folder).keys(), 30)
    last.end()
    return Aftermath(ordeal, set(file.written) | poster.acknowledged, poster.acknowledged, counts(folder))


def test_careful_program_comes_through(tmp_path: Path) -> None:
    after = ordeal_of_toy(tmp_path)
    assert after.ordeal.complaints == []
    assert after.ordeal.n_kills == 6
    assert len(after.acknowledged) > 50
    assert after.kept == dict.fromkeys(after.expected, 1)


def test_answer_before_the_commit_is_found_out(tmp_path: Path) -> None:
    after = ordeal_of_toy(tmp_path, "forgets")
    assert after.acknowledged - after.kept.keys()


def test_memory_that_dies_with_the_process_is_found_out(tmp_path: Path) -> None:
    assert max(ordeal_of_toy(tmp_path, "doubles").kept.values()) > 1


def test_stray_process_is_found_out(tmp_path: Path) -> None:
    complaints = ordeal_of_toy(tmp_path, "orphan", n_kills=5, patience_s=1.0).ordeal.complaints
    assert any("still there 1 s after the owner was killed" in line for line in complaints)


def test_slow_start_is_measured(tmp_path: Path) -> None:
    assert min(ordeal_of_toy(tmp_path, "slow", n_kills=3).ordeal.ready_after_s) > 1.5
