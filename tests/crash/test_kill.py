"""SIGKILL at random moments while a real gehoor hears: nothing lost, nothing double, soon back, nobody left behind."""

import base64
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from gehoor.core.clock import SystemClock
from gehoor.core.ledger.segments import Segments
from gehoor.core.outbox import entries
from gehoor.core.projector import Projector
from gehoor.core.settings import load
from gehoor.run.parts import open_ledger
from gehoor.sift.campaign import Templates
from gehoor.sift.duplicate import NearDuplicates
from tests.cast import NOON
from tests.component.whole import as_installed
from tests.crash.check import contents, misjudged, what_is_wrong
from tests.crash.killer import Ordeal, Running, Subject, torment, wait_until
from tests.crash.load import ByTurns, Feeder, GrowingFile, Poster
from tests.crash.stranger import is_told, with_stranger
from tests.crash.test_killer import answers, free_port

_SETTINGS = """
[workspace]
name = "Noordvlucht"

[brands.noordvlucht]
terms = ["noordvlucht"]

[sources.line]
type = "file"
path = "{folder}/line.jsonl"
follow = true

[receivers.shop]
type = "segment"
write_key = "key"

[web]
port = {port}
"""
_WORDS = "koffer vlucht band balie app rij wachten vertraagd gemist Oslo Bergen Schiphol bagage boeking terug geld"


@dataclass(frozen=True)
class Workspace:
    """A workspace with a file that is followed and a receiver, and what is fed to them."""

    root: Path
    subject: Subject
    file: GrowingFile
    poster: Poster

    def expected(self) -> set[str]:
        """Return the ids that must be there."""
        return {f"line-{n}" for n in self.file.written} | {f"event-{n}" for n in self.poster.acknowledged}

    def has_all(self) -> bool:
        """Tell whether every id is committed; asked while it runs, as any reader may."""
        segments = Segments(self.root / "segments", writable=False)
        try:
            return self.expected() <= contents(segments, "id").keys()
        finally:
            segments.close()


def line(n: int) -> bytes:
    """Write a post; every eighth says what one before it said, or nearly so."""
    words = np.random.default_rng(n - n % 8 if n % 8 < 2 else n).choice(_WORDS.split(), 14).tolist()
    text = f"@noordvlucht {' '.join(words)}{'!' if n % 8 == 1 else ''}"
    post = {"id": f"line-{n}", "published": NOON + n * 1_000, "actor": f"actor-{n % 500}", "text": text}
    return json.dumps(post).encode()


def events(numbers: Sequence[int]) -> bytes:
    """Write a batch as Segment's SDKs send it."""
    batch = [
        {"type": "track", "event": "Order Completed", "messageId": f"event-{n}", "userId": f"user-{n % 90}",
         "timestamp": "2026-04-14T12:00:00.000Z", "properties": {"revenue": n}}
        for n in numbers
    ]  # fmt: skip
    return json.dumps({"batch": batch}).encode()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    port, root = free_port(), tmp_path / "workspace"
    root.mkdir()
    (root / "gehoor.toml").write_text(_SETTINGS.format(folder=tmp_path, port=port))
    command = [str(Path(sys.executable).with_name("gehoor")), "serve", "--workspace", str(root)]
    url = f"http://127.0.0.1:{port}"
    headers = {"authorization": "Basic " + base64.b64encode(b"key:").decode()}
    poster = Poster(f"{url}/v1/batch", events, range(1_000_000), np.random.default_rng(8), headers)
    file = GrowingFile(tmp_path / "line.jsonl", line, range(1_000_000))
    env = as_installed(os.environ | with_stranger(tmp_path / "parts"))
    log = tmp_path / "log"
    # others may run beside it: what is slow then is measured at the end, only what never comes is a complaint here
    subject = Subject(
        command, lambda: answers(url, 10.0), log, lambda: poster.streak, env, gone_within_s=20.0, patience_s=60.0
    )
    return Workspace(root, subject, file, poster)


def survive(workspace: Workspace, n_kills: int, seed: int) -> Ordeal:
    """Torment it under load, let it finish, and return the ordeal with whatever is wrong with its stores."""
    with Feeder(ByTurns(workspace.file, workspace.poster), pause_s=0.05):
        ordeal = torment(workspace.subject, n_kills, longest_s=1.5, rng=np.random.default_rng(seed))
    last = Running(workspace.subject)
    took = last.wait_ready(workspace.subject.patience_s)
    ordeal.complaints += [] if took is not None else ["did not come up after the last kill"]
    workspace.poster.finish()
    if wait_until(workspace.has_all, 60, every_s=0.5) is None:
        ordeal.complaints.append("did not hear everything within a minute of the last kill")
    ordeal.complaints += last.stop()
    ordeal.complaints += workspace.poster.complaints
    ordeal.complaints += wrong_with(workspace)
    return ordeal


def wrong_with(workspace: Workspace) -> list[str]:
    """Open what is left, and compare its stores."""
    settings = load(workspace.root)
    limits = settings.duplicates
    projector = open_ledger(settings, SystemClock())
    try:
        wrong = what_is_wrong(projector, workspace.expected()) + untold(projector, workspace.expected())
        fresh = NearDuplicates(limits.window, limits.threshold), Templates(limits.window)
        return wrong + misjudged(projector.ledger.segments, *fresh)
    finally:
        projector.close()
        projector.ledger.close()


def untold(projector: Projector, expected: set[str]) -> list[str]:
    """Compare the outbox with what must be in it, once each and still waiting."""
    with projector.engine.begin() as tx:
        found = sorted(entry.key for entry in entries(tx, ["waiting"]))
    due = sorted(f"told:{id_}" for id_ in expected if is_told(id_))
    return [] if found == due else [f"the outbox holds {len(found)} entries instead of {len(due)}"]


def figures(workspace: Workspace, ordeal: Ordeal) -> str:
    """Say in figures what was survived."""
    half, most = np.quantile(ordeal.ready_after_s, [0.5, 0.95])
    n = len(workspace.expected())
    return f"{ordeal.n_kills} kills, {n:,} ids; served again after {half:.1f} s (median), {most:.1f} s (95 %)"


@pytest.mark.timeout(1200)
def test_twenty_kills_lose_nothing_and_double_nothing(
    workspace: Workspace, record_property: Callable[[str, object], None]
) -> None:
    ordeal = survive(workspace, 20, seed=1)
    record_property("survived", figures(workspace, ordeal))
    assert ordeal.complaints == []
    assert len(workspace.poster.acknowledged) > 100
    # the promise is 5 s, and the proof holds it; this one only sees a start that has gone wrong, on a busy machine too
    assert np.median(ordeal.ready_after_s) <= 30.0, figures(workspace, ordeal)


@pytest.mark.proof
@pytest.mark.timeout(7200)
def test_two_hundred_kills_lose_nothing_and_double_nothing(
    workspace: Workspace, record_property: Callable[[str, object], None]
) -> None:
    ordeal = survive(workspace, 200, seed=2)
    record_property("survived", figures(workspace, ordeal))
    assert ordeal.complaints == []
    assert np.quantile(ordeal.ready_after_s, 0.95) <= 5.0
