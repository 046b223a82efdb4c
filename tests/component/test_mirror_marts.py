"""The marts are what their data dictionary says, and sums that stay right."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow.parquet as pq

from gehoor.core.clock import DAY_US
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.core.settings import load
from gehoor.run.mirror.heard import Heard
from gehoor.run.mirror.marts import MARTS, Renewed, renew_marts
from tests.cast import NOON
from tests.component.hearing import Hearing
from tests.component.mirroring import TODAY, crowd, heard, ordered, said

_ZONE = ZoneInfo("Europe/Amsterdam")


def _renew(hearing: Hearing) -> Renewed:
    reader = Reader(hearing.root)
    try:
        return renew_marts(hearing.root / "mirror", Heard(hearing.root, reader, _ZONE), load(hearing.root))
    finally:
        reader.close()


def _said(hearing: Hearing) -> int:
    query = f"SELECT sum(n_posts) FROM '{hearing.root}/mirror/*/cells.parquet' WHERE dimension = '' AND brand = ''"
    return int(duckdb.execute(query).fetchall()[0][0])


def test_columns_are_those_of_the_data_dictionary(tmp_path: Path, repository: Path) -> None:
    hearing = heard(tmp_path / "workspace", [said(1, 1), ordered(2, 1)])
    _renew(hearing)
    text = (repository / "docs/reference/mirror-marts.md").read_text(encoding="utf-8")
    told = {
        part.split("\n", 1)[0]: re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) for part in text.split("\n## ")[1:]
    }
    folder = next((hearing.root / "mirror").glob("date=*"))
    assert told == {name: pq.read_schema(folder / f"{name}.parquet").names for name in MARTS}
    hearing.close()


def test_dimensions_divide_the_same_total_and_people_say_as_much(tmp_path: Path) -> None:
    hearing = heard(tmp_path / "workspace", crowd(20, range(1, 10)))
    _renew(hearing)
    cells, people = (f"'{hearing.root}/mirror/*/{name}.parquet'" for name in ("cells", "people"))
    sums = duckdb.execute(f"SELECT dimension, sum(n_posts) FROM {cells} WHERE brand = '' GROUP BY dimension").fetchall()
    assert len({n for _, n in sums}) == 1
    assert sums[0][1] == duckdb.execute(f"SELECT sum(n_said) FROM {people} WHERE brand = ''").fetchall()[0][0]
    hearing.close()


def test_nothing_is_made_anew_but_the_last_minute_where_nothing_changed(tmp_path: Path) -> None:
    hearing = heard(tmp_path / "workspace", crowd(10, range(1, 5)))
    first = _renew(hearing)
    assert len(first.days) >= 2 and first.since is not None and first.since <= TODAY - 4
    assert _renew(hearing).days == []
    hearing.close()


def test_late_arrival_and_deletion_change_the_sums_and_say_since_when(tmp_path: Path) -> None:
    posts = list(crowd(10, range(1, 5)))
    hearing = heard(tmp_path / "workspace", posts)
    _renew(hearing)
    assert _said(hearing) == len(posts)
    hearing.hear([said(50, 9)])
    changed = _renew(hearing)
    assert changed.since is not None and changed.since <= TODAY - 9
    assert _said(hearing) == len(posts) + 1
    gone = posts[0]
    at = NOON + DAY_US // 2
    hearing.hear(
        [Activity(id="undo", type="Delete", object=gone.id, received=at, channel=gone.channel, actor=gone.actor)]
    )
    _renew(hearing)
    assert _said(hearing) == len(posts)
    hearing.close()


def test_crash_between_marts_and_measures_forgets_nothing(tmp_path: Path) -> None:
    hearing = heard(tmp_path / "workspace", crowd(10, range(1, 5)))
    first = _renew(hearing).since
    assert _renew(hearing).since == first  # nobody dropped what was measured before
    hearing.close()
