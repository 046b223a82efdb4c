"""What processes cost, told apart from guessing."""

import os
import subprocess
import sys
import time

from gehoor.run.measure import MemoryWatch, cpu_s, ended_cpu_s, family, pss_mb


def test_cpu_rises_with_work() -> None:
    before = cpu_s(os.getpid())
    deadline = time.process_time() + 0.1
    while time.process_time() < deadline:
        sum(range(1_000))
    assert cpu_s(os.getpid()) - before >= 0.08


def test_a_child_belongs_to_the_family_and_its_memory_counts() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        members = family(os.getpid())
        alone, together = pss_mb([os.getpid()]), pss_mb(members)
        child.communicate(b"\n")
    assert child.pid in members
    assert 0 < alone < together


def test_a_process_that_is_gone_costs_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as child:
        child.wait()
    assert cpu_s(child.pid) == pss_mb([child.pid]) == 0.0


def test_what_a_child_cost_is_known_after_its_end() -> None:
    before = ended_cpu_s(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(5_000_000))"], check=True)
    assert ended_cpu_s(os.getpid()) - before >= 0.02


def test_the_watch_sees_the_peak_also_of_who_comes_later() -> None:
    watch = MemoryWatch(os.getpid(), lambda: 0)
    watch.start()
    while not watch.standing_mb:
        time.sleep(0.01)
    with subprocess.Popen([sys.executable, "-c", "a = b'x' * 50_000_000; input()"], stdin=subprocess.PIPE) as child:
        deadline = time.monotonic() + 60
        while watch.peak_mb < watch.standing_mb + 20:
            assert time.monotonic() < deadline, (watch.peak_mb, watch.standing_mb)
            time.sleep(0.05)
        child.communicate(b"\n")
    watch.end()
    assert watch.notes == []
