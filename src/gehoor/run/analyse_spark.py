"""Stages splits on the machines of a Spark cluster, or in a Spark of this machine."""

import os
import re
import shutil
import sys
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any

import msgspec
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.run.engine import Job, OnShare, Split, StagedSplit, packed
from gehoor.run.staging import stage_split

__all__ = ["SparkEngine"]

_SCHEMA = "staged binary"
_EVERY_S = 0.5


class SparkEngine:
    """Each split is a task of its own; `mapInArrow` takes it to a worker, which writes into the job's folder.

    A task that fails, or whose worker is lost, is tried again under other file names; only what Spark reports as done,
    once for each split, is taken up. So input and result must lie on storage that all machines reach under the same
    paths, and every worker needs the same gehoor.

    Parameters
    ----------
    master : str
        `local[2]`, `spark://host:7077`, `yarn` ...
    on_share : callable, optional
        Told how much is done, 0 to 1.

    Raises
    ------
    SettingError
        PySpark or Java is not there.
    """

    def __init__(self, master: str, on_share: OnShare | None = None) -> None:
        if find_spec("pyspark") is None:
            raise SettingError("Spark is not installed: pip install 'gehoor[spark]', or use --engine local.")
        if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
            raise SettingError(
                "Spark needs Java 17, and finds none: apt-get install openjdk-17-jre-headless, or leave out --engine."
            )
        self.master = master
        self._on_share = on_share or (lambda share: None)

    def run(self, job: Job, splits: Iterable[Split]) -> Generator[StagedSplit, None, None]:
        """Stage all splits; see `Engine`."""
        try:
            done = self._run(packed(job), list(splits))
        except SettingError:
            raise
        except Exception as error:  # around Spark, whose errors are of many kinds
            raise _refusal(error, self.master) from error
        yield from sorted(done, key=lambda staged: staged.number)

    def _run(self, job: bytes, splits: list[Split]) -> list[StagedSplit]:
        session = _session(self.master)
        try:
            # one row a partition, its number the split's: nothing is shuffled, so a task tried again gets the same
            numbers = session.range(0, len(splits), 1, len(splits))
            rows = numbers.mapInArrow(_mapped(job, splits), _SCHEMA)
            return [
                msgspec.msgpack.decode(row.staged, type=StagedSplit) for row in _collect(session, rows, self._on_share)
            ]
        finally:
            session.stop()


def _session(master: str) -> Any:
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else it takes whatever `python3` is, without gehoor
    builder = SparkSession.builder.master(master).appName("gehoor analyse")
    settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
    if master.startswith("local"):
        settings["spark.driver.host"] = "127.0.0.1"
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _mapped(job: bytes, splits: list[Split]) -> Any:
    """Return what each task does; it travels to the workers, where gehoor is imported by name."""
    raw = [msgspec.msgpack.encode(split) for split in splits]

    def stage(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        attempt = f"-{TaskContext.get().taskAttemptId()}"
        for batch in batches:
            for number in batch.column(0).to_pylist():
                staged = stage_split(job, msgspec.msgpack.decode(raw[number], type=Split), attempt)
                yield pa.RecordBatch.from_pydict({"staged": [msgspec.msgpack.encode(staged)]})

    return stage


def _collect(session: Any, rows: Any, on_share: OnShare) -> list[Any]:
    """Run the job in a thread of its own, and tell meanwhile how many of its tasks are done."""
    pool = ThreadPoolExecutor(1, "spark-job")
    found = pool.submit(rows.collect)
    pool.shutdown(wait=False)  # it ends with the job, or with the session
    while True:
        try:
            return list(found.result(timeout=_EVERY_S))
        except TimeoutError:
            on_share(_share(session))


def _share(session: Any) -> float:
    tracker = session.sparkContext.statusTracker()
    stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
    n_tasks = sum(stage.numTasks for stage in stages if stage is not None)
    return float(sum(stage.numCompletedTasks for stage in stages if stage is not None) / max(1, n_tasks))


_OURS = re.compile(r"gehoor\.core\.errors\.\w+: (.+)")
_NO_GEHOOR = re.compile(r"No module named '(gehoor[\w.]*)'")


def _refusal(error: Exception, master: str) -> SettingError:
    """Say in one line what Spark says in a hundred."""
    text = str(error)
    if ours := _OURS.search(text):
        return SettingError(ours[1].strip())
    if _NO_GEHOOR.search(text):
        return SettingError(
            "A worker has no gehoor: install the same one on every worker, and set PYSPARK_PYTHON to its python."
        )
    first = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    return SettingError(f"Spark at {master} could not do it: {first[:300]}. Nothing was written.")
