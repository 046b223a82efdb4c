"""A workspace from Python: what is read is what stands, nobody who refused is in it, and the notebook runs."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import gehoor
from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.errors import SettingError
from gehoor.core.query.error import QueryError
from gehoor.run.opened import Opened
from tests.cast import CRITIC, FAN, LEAVER, NOON, SPAMMER
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.test_loyalty import example_orders

REPOSITORY = Path(__file__).parents[2]
_NOON = datetime.fromtimestamp(NOON / SECOND_US, UTC)

_N_ORDERS = 39 * 8 - (10 * 4 + 1)
"""With us: ten people ordered four times of the rival, one once of a third brand."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hearing = Hearing(tmp_path_factory.mktemp("opened") / "workspace")
    hearing.hear(example_orders())
    hearing.hear([FAN.says("Mooi geholpen", after_s=-9_000), CRITIC.says("Weer te laat", after_s=-60)])
    hearing.hear([LEAVER.says("Ik zeg mijn abonnement op", after_s=-8_000), FAN.likes(CRITIC.says("x", id="x"))])
    owner = Deciding(hearing)
    asyncio.run(owner.call("person", act="object", arguments={"who": {"id": "klant-3", "channel": "shop"}}))
    asyncio.run(owner.call("loyalty"))
    asyncio.run(owner.call("segment", act="keep", arguments={"name": "Vast", "rule": "orders >= 3"}))
    asyncio.run(owner.call("segment", act="keep", arguments={"name": "Klein", "rule": "orders = 77"}))
    hearing.close()
    return hearing.root


@pytest.fixture
def opened(root: Path) -> Iterator[Opened]:
    with Opened(root, StillClock(NOON)) as opened:
        yield opened


def test_posts_are_what_people_said_in_their_order_and_of_a_time(opened: Opened) -> None:
    texts = opened.posts().arrow["text"].to_pylist()
    assert texts == ["Mooi geholpen", "Weer te laat", "Ik zeg mijn abonnement op"]
    early = opened.posts(until=_NOON - timedelta(hours=1), columns=["event_at", "text"])
    assert early.arrow.column_names == ["event_at", "text"]
    assert sorted(early.arrow["text"].to_pylist()) == ["Ik zeg mijn abonnement op", "Mooi geholpen"]
    assert len(opened.posts(since=_NOON + timedelta(hours=1))) == 0
    with pytest.raises(SettingError, match="have no mood"):
        opened.posts(columns=["mood"])
    assert SPAMMER.actor not in opened.posts().arrow["actor"].to_pylist()


def test_people_are_numbers_and_who_objects_is_not_among_them(opened: Opened) -> None:
    people = opened.people().arrow
    assert people.num_rows == 39
    assert "klant-3" not in str(people.to_pylist())
    assert {len(name) for name in people["person"].to_pylist()} == {16}
    assert people.schema.field("last_order").type == pa.date32()
    assert sum(row["orders"] for row in people.to_pylist()) == _N_ORDERS


def test_rule_narrows_and_a_wrong_one_points(opened: Opened) -> None:
    assert len(opened.people("loyalty = leaving")) == 10
    assert len(opened.people("orders = 77")) == 0
    with pytest.raises(QueryError, match="Did you mean 'orders'"):
        opened.people("order > 3")


def test_moves_and_segments_are_those_of_the_pages(opened: Opened) -> None:
    moves = {(row["from"], row["to"]): row["people"] for row in opened.switching().arrow.to_pylist()}
    assert moves == {("Ons", "Ons"): 29, ("Ons", "Rivaal"): 10}
    kept = {row["name"]: row["people"] for row in opened.segments().arrow.to_pylist()}
    assert kept == {"Klein": 0, "Vast": 39}
    assert len(opened.value()) == 0


def test_rows_become_frames_and_arrow_as_they_are(opened: Opened) -> None:
    people = opened.people()
    assert pa.table(people).num_rows == 39  # through Arrow's stream, as DuckDB takes it
    assert people.to_pandas()["orders"].sum() == _N_ORDERS
    pytest.importorskip("polars")
    assert people.to_polars()["orders"].sum() == _N_ORDERS


def test_folder_without_a_workspace_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"gehoor\.toml"):
        gehoor.open(tmp_path)


def test_import_costs_next_to_nothing() -> None:
    code = "import sys, gehoor; assert 'pyarrow' not in sys.modules and 'numpy' not in sys.modules; print(gehoor.open)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_notebook_runs(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GEHOOR_WORKSPACE", str(root))
    book = json.loads((REPOSITORY / "docs" / "notebooks" / "loyalty.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec("".join(cell["source"]), names)
    said = capsys.readouterr().out
    assert "39 ['person'" in said
    assert "of 1,000" in said
