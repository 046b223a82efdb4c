"""The mirror that goes round: when it is due, once a morning, also in the nights of the clock; and as a folder."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.errors import SettingError
from gehoor.core.mirror_reader import MirrorReader, day_number
from gehoor.core.outbox import entries
from gehoor.core.reader import Reader
from gehoor.core.settings import load
from gehoor.core.settings_mirror import Mirror
from gehoor.run.mirror.schedule import due_day, go_round
from gehoor.web.mirror_folder import Shelf, write_folder
from gehoor.web.speech import Speech
from tests.component.commanding import Commanding
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.mirrored import full_edition
from tests.component.test_web_edition import SENDERS, keep

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAY = "2026-04-13"


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", BRANDS + SENDERS + '[mirror]\nto = ["board"]\nat = "06:30"\n')
    keep(hearing, full_edition())
    yield hearing
    hearing.close()


def _at(text: str) -> int:
    """Return a moment in UTC, in microseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND_US


@pytest.mark.parametrize(
    ("at", "now", "due"),
    [
        ("06:30", "2026-04-14T04:29", None),
        ("06:30", "2026-04-14T04:30", "2026-04-13"),
        ("06:30", "2026-04-14T10:31", None),  # six hours late: it is no morning paper any more
        ("02:30", "2026-03-29T01:29", None),  # 02:30 is not there in this night: it is the hour after
        ("02:30", "2026-03-29T01:30", "2026-03-28"),
        ("02:30", "2026-10-25T00:30", "2026-10-24"),  # it is there twice: the first
        ("02:30", "2026-10-25T01:30", "2026-10-24"),  # the second is the same day, so nothing more
        ("23:59", "2026-04-14T21:59", "2026-04-13"),
    ],
)
def test_it_is_due_on_the_workspaces_own_clock(at: str, now: str, due: str | None) -> None:
    expected = None if due is None else day_number(due)
    assert due_day(Mirror(at=at), AMSTERDAM, _at(now)) == expected


def test_nothing_goes_round_where_nobody_switched_it_on(tmp_path: Path) -> None:
    hearing = Hearing(tmp_path / "workspace", BRANDS + SENDERS)
    keep(hearing, full_edition())
    owner = Deciding(hearing)
    owner.clock = StillClock(_at("2026-04-14T05:00"))
    asyncio.run(go_round(owner))  # type: ignore[arg-type]  # it is the part of one that is asked here
    with hearing.projector.engine.connect() as tx:
        assert entries(tx) == []
    hearing.close()


def test_edition_of_yesterday_is_mailed_once_by_a_process_of_its_own(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    hearing = Hearing(root, BRANDS + SENDERS + '[mirror]\nto = ["board"]\n')
    keep(hearing, full_edition())
    hearing.close()
    gehoor = Commanding(root)
    assert "It goes to board" in gehoor.at("mirror", "--send", "--date", DAY).stderr
    assert "had this edition already" in gehoor.at("mirror", "--send", "--date", DAY).stderr


def test_to_send_where_nobody_is_named_says_what_to_do(tmp_path: Path) -> None:
    Hearing(tmp_path / "workspace", BRANDS).close()
    assert "[mirror] to" in Commanding(tmp_path / "workspace").at("mirror", "--send", code=2).stderr


def test_folder_is_leafed_through_without_asking_anything_of_elsewhere(hearing: Hearing, tmp_path: Path) -> None:
    for day in ("2026-04-11", "2026-04-12"):
        keep(hearing, msgspec.structs.replace(full_edition(), first_day=day, last_day=day))
    folder, reader = tmp_path / "folder", Reader(hearing.root)
    settings = load(hearing.root)
    for _ in range(2):  # written again it is the same
        assert write_folder(folder, MirrorReader(reader), settings, Speech("nl", AMSTERDAM), Shelf()) == 3
    reader.close()
    pages = sorted(path.name for path in folder.glob("*.html"))
    assert pages == ["2026-04-11.html", "2026-04-12.html", "2026-04-13.html", "index.html"]
    for page in folder.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r"<script|<form", text) == []
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            assert link.startswith("data:") or (folder / link).is_file(), link
    style = (folder / "mirror.css").read_text(encoding="utf-8")
    assert re.findall(r"https?://", style) == []
    assert all((folder / font).is_file() for font in re.findall(r'url\("([^"]+)"\)', style))


def test_folder_of_somebody_else_is_left_alone(hearing: Hearing, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("theirs", encoding="utf-8")
    reader = Reader(hearing.root)
    with pytest.raises(SettingError, match="holds something else"):
        write_folder(tmp_path, MirrorReader(reader), load(hearing.root), Speech("nl", AMSTERDAM), Shelf())
    reader.close()
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "theirs"


def test_it_goes_round_once_in_a_morning_and_only_what_was_made(hearing: Hearing) -> None:
    owner = Deciding(hearing)

    async def morning(text: str) -> list[str]:
        owner.clock = StillClock(_at(text))
        await go_round(owner)  # type: ignore[arg-type]  # as above
        with hearing.projector.engine.connect() as tx:
            return [entry.key for entry in entries(tx)]

    assert asyncio.run(morning("2026-04-14T04:29")) == []
    assert asyncio.run(morning("2026-04-14T04:31")) == [f"mirror::day:{DAY}:board"]
    with hearing.projector.engine.begin() as tx:
        tx.exec_driver_sql("DELETE FROM outbox")
    assert asyncio.run(morning("2026-04-14T06:00")) == []  # it is done: no second process asks again
    assert asyncio.run(morning("2026-04-15T05:00")) == []  # of that day none was made
