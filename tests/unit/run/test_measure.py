"""What processes cost, told apart from guessing."""

import os
import subprocess
import sys
import time

from gehoor.run.measure import MemoryWatch, cpu_s, family, pss_mb


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


def test_the_watch_sees_the_peak() -> None:
    watch = MemoryWatch([os.getpid()], lambda: 0)
    watch.start()
    time.sleep(0.05)
    watch.end()
    assert watch.peak_mb > 1
    assert watch.notes == []
