"""A night's refit, watched to its end; and heads of a workspace's own in a backup."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from gehoor.core.example import Example, write_example
from gehoor.core.promoted import current_version, model_folder, promote, versions_of
from gehoor.core.refit import refits_of
from gehoor.core.settings import load
from gehoor.core.store import mark_of
from gehoor.core.text import TextBatch
from gehoor.run import refit as module
from gehoor.run.backup import copy_workspace, restore
from gehoor.run.refit import MEASURED, night_of, refit_nightly
from gehoor.understand.judgements import Judgements, shipped_heads
from gehoor.understand.model_folder import About, write_model
from gehoor.understand.table import Table
from tests.cast import NOON
from tests.component.broad import Broad

TASK = "actionability"
ZONE = ZoneInfo("Europe/Amsterdam")
TULIPS = "De tulpen bloeien weer op nummer"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Broad]:
    heard = Broad(tmp_path / "workspace")
    yield heard
    heard.place.close()


def _judged(root: Path, text: str) -> str:
    columns = Judgements(load(root)).annotate(TextBatch.of(pa.array([text])), {"language": pa.array(["nl"])})
    return str(columns[TASK][0].as_py())


def _version(root: Path, version: int, label: str) -> None:
    """Let a head that says one thing of everything judge."""
    head = shipped_heads()[TASK]
    bias = np.where(np.array(head.classes) == label, 99.0, 0.0)
    write_model(model_folder(root, TASK, version), head.with_facts(bias=bias), Table.load(), About())
    promote(root, TASK, version)


def test_heads_of_ones_own_come_back_from_a_backup_and_judge(place: Broad, tmp_path: Path) -> None:
    _version(place.root, 1, "aggregate")
    _version(place.root, 2, "none")
    copy_workspace(place.root, place.place.projector, tmp_path / "copy")
    _version(place.root, 3, "answer")
    assert _judged(place.root, "Hoi") == "answer"
    restore(tmp_path / "copy", tmp_path / "again")
    assert (current_version(tmp_path / "again", TASK), versions_of(tmp_path / "again", TASK)) == (2, [1, 2])
    assert _judged(tmp_path / "again", "Hoi") == "none", "what happened after the backup is not in it"
    promote(tmp_path / "again", TASK, 1)
    assert _judged(tmp_path / "again", "Hoi") == "aggregate", "and the way back is there too"
    assert _judged(place.root, "Hoi") == "answer", "what is done to the one does nothing to the other"


@pytest.mark.proof
@pytest.mark.timeout(1_500)  # a minute of CPU, at a low priority: on a busy machine that takes its time
def test_a_night_fits_measures_and_promotes_by_itself_and_only_once(
    place: Broad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_S", 0.05)
    with place.place.projector.engine.begin() as tx:
        for seq in (*range(1, 61), *range(1_001, 1_001 + MEASURED)):
            origin = "correction" if seq < 1_000 else "random"
            example = Example(
                seq=seq, task=TASK, value="answer", before="none", before_p=0.5, model=f"{TASK}/0", origin=origin,  # type: ignore[arg-type]  # one of three
                at=NOON, actor_key=None, language="nl", channel="mail", text=f"{TULIPS} {seq}, rij {seq % 7} is geel",
            )  # fmt: skip
            write_example(tx, example)
    assert _judged(place.root, f"{TULIPS} 12, rij 5 is geel") != "answer"

    async def night() -> None:
        work = asyncio.create_task(refit_nightly(place.place, ZONE))
        async with asyncio.timeout(1_400):
            while current_version(place.root, TASK) == 0:
                await asyncio.sleep(0.2)
                assert not work.done(), work
            await asyncio.sleep(1.0)
        work.cancel()

    asyncio.run(night())
    with place.place.projector.engine.begin() as tx:
        [line] = refits_of(tx)
    assert (line.task, line.outcome, line.version) == (TASK, "promoted", 1)
    assert line.figures.n_sample == MEASURED and line.figures.n_right > line.figures.n_right_before
    assert mark_of(place.place.projector.engine, "refitted") == night_of(NOON, ZONE)
    assert _judged(place.root, f"{TULIPS} 12, rij 5 is geel") == "answer"
