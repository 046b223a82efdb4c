"""Files of older and newer revisions: brought up to date, or refused with what to do."""

import re
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.errors import StoreError
from gehoor.core.ledger.segment import Segment
from gehoor.core.ledger.segments import Segments
from gehoor.core.migrate import migrate
from gehoor.core.sqlite import open_write
from gehoor.core.store import open_store, store_path
from gehoor.core.tables import ledger, segment
from tests.cast import LOYAL, NOON
from tests.component.keeping import Keeping

_KINDS: tuple[Literal["store", "segment"], ...] = ("store", "segment")


def _schema(engine: sa.Engine) -> dict[str, str]:
    """Return what was said to make each table and index, without what spaces and quotes differ in."""
    sql = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"
    with engine.begin() as tx:
        rows = tx.exec_driver_sql(sql).fetchall()
    return {name: re.sub(r'[\s"]+', " ", said).replace("( ", "(").replace(" )", ")") for name, said in rows}


@pytest.mark.parametrize("kind", _KINDS)
def test_steps_of_migration_make_the_tables_that_the_code_expects(
    tmp_path: Path, kind: Literal["store", "segment"]
) -> None:
    stepped, made = open_write(tmp_path / "stepped.sqlite"), open_write(tmp_path / "made.sqlite")
    migrate(stepped, kind)
    with made.begin() as tx:
        {"store": ledger, "segment": segment}[kind].metadata.create_all(tx)
        for ddl in segment.SEARCH_DDL if kind == "segment" else ():
            tx.exec_driver_sql(ddl)
    assert _schema(stepped) == _schema(made)
    assert len(_schema(made)) > 8
    for engine in (stepped, made):
        engine.dispose()


def test_new_segment_is_stamped_with_the_newest_revision(tmp_path: Path) -> None:
    made = Segment.create(tmp_path, 1, NOON // DAY_US, [])
    assert made.query("SELECT version_num FROM alembic_version") == [(segment.REVISION,)]
    made.close()


@pytest.mark.parametrize("kind", _KINDS)
def test_new_files_are_stamped_with_the_last_step(repository: Path, kind: Literal["store", "segment"]) -> None:
    steps = sorted((repository / "src/gehoor/core/migrations" / kind).glob("[0-9]*.py"))
    assert steps[-1].name[:4] == {"store": ledger, "segment": segment}[kind].REVISION


@pytest.mark.parametrize("kind", _KINDS)
def test_file_that_is_up_to_date_is_left_alone(tmp_path: Path, kind: Literal["store", "segment"]) -> None:
    engine = open_write(tmp_path / "a.sqlite")
    migrate(engine, kind)
    before = _schema(engine)
    migrate(engine, kind)
    assert _schema(engine) == before
    engine.dispose()


def test_workspace_of_a_newer_gehoor_is_refused_with_its_name(workspace: Path) -> None:
    engine = open_store(workspace)
    with engine.begin() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    engine.dispose()
    with pytest.raises(StoreError, match=f"{store_path(workspace).name} is of revision 0999"):
        open_store(workspace)


def test_segment_of_a_newer_gehoor_is_refused_with_its_name(workspace: Path) -> None:
    keeping = Keeping(workspace)
    keeping.hear([LOYAL.says("Hoi")])
    with keeping.ledger.segments.last.engine.begin() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    keeping.drop()
    with pytest.raises(StoreError, match=r"14\.sqlite is of revision 0999"):
        Segments(workspace / "segments", writable=True)
