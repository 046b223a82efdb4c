"""Settings that change while gehoor runs: taken over when they are right, said when they are wrong."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from gehoor.core.errors import SettingError
from gehoor.core.reader import PostFilter
from gehoor.core.record import Activity
from gehoor.core.settings_write import add_table
from gehoor.core.sqlite import open_read
from gehoor.run.control import Control
from tests.cast import NOON
from tests.component.whole import Whole, wait_for


@pytest.fixture(scope="module")
def gehoor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """Run one gehoor for all tests: a source that has its file, and one that has none yet."""
    folder = tmp_path_factory.mktemp("live")
    _write(folder / "first.jsonl", "Zuiderlucht vliegt niet")
    toml = _source("first", folder / "first.jsonl") + _source("late", folder / "late.jsonl")
    with Whole(folder / "workspace", toml) as gehoor:
        wait_for("the first file is read", lambda: gehoor.is_at("first", "done"))
        yield gehoor


def _write(path: Path, *texts: str) -> None:
    lines = [Activity(id=f"{path.stem}-{n}", received=NOON, published=NOON + n, channel="file", text=text)
             for n, text in enumerate(texts)]  # fmt: skip
    path.write_bytes(b"\n".join(map(msgspec.json.encode, lines)) + b"\n")


def _source(name: str, path: Path) -> str:
    return f'[sources.{name}]\ntype = "file"\npath = "{path}"\n'


def _texts_about(gehoor: Whole, brand: str) -> list[str | None]:
    return [post.text for post in gehoor.reader.posts(PostFilter(brand=brand))]


def _heard_of(gehoor: Whole, *names: str) -> list[str]:
    return sorted(id_ for id_ in gehoor.ids() if id_.partition("-")[0] in names)


def test_source_and_brand_that_are_added_count_without_a_restart(gehoor: Whole) -> None:
    second = gehoor.root.with_name("second.jsonl")
    _write(second, "Noordvlucht vliegt wel", "Zuiderlucht is dicht")
    path, all_three = gehoor.root / "gehoor.toml", ["first-0", "second-0", "second-1"]
    text = path.read_text() + _source("second", second) + '[brands.nv]\nterms = ["noordvlucht"]\n'
    asyncio.run(Control(gehoor.root).call("configure", text=text))
    wait_for("the second file is read", lambda: _heard_of(gehoor, "first", "second") == all_three)
    wait_for("the brand is known", lambda: _texts_about(gehoor, "nv") == ["Noordvlucht vliegt wel"])
    # by hand, with an editor
    path.write_text(text.replace('[sources.second]\ntype = "file"', '[sources.third]\ntype = "file"'))
    wait_for("the third takes its place", lambda: gehoor.is_at("third", "done"))
    assert not [state for state in gehoor.reader.sources() if state.name == "second"]
    assert _heard_of(gehoor, "first", "second") == all_three


def test_wrong_settings_change_nothing_and_are_said(gehoor: Whole) -> None:
    path = gehoor.root / "gehoor.toml"
    before = path.read_text()
    with pytest.raises(SettingError, match="brnads"):
        asyncio.run(Control(gehoor.root).call("configure", text=before + "[brnads.nv]\nterms = ['x']\n"))
    assert path.read_text() == before
    path.write_text(before + "[brnads.nv]\nterms = ['x']\n")
    wait_for("it is said", lambda: "brnads" in str(gehoor.status()["trouble"]))
    path.write_text(before)
    wait_for("it is mended", lambda: gehoor.status()["trouble"] is None)


def test_file_that_is_written_again_while_it_is_read_stops_nothing(gehoor: Whole) -> None:
    path, beside = gehoor.root / "gehoor.toml", gehoor.root / "being-written.toml"
    before = path.read_text()
    good, wrong = before + '[brands.flip]\nterms = ["flip"]\n', before + "[brnads.nv]\nterms = ['x']\n"
    until = time.monotonic() + 6
    while time.monotonic() < until:
        for text in (good, wrong):
            beside.write_text(text)
            beside.replace(path)
            time.sleep(0.003)
    wait_for("the last one is said", lambda: "brnads" in str(gehoor.status()["trouble"]))
    path.write_text(before)
    wait_for("it is mended", lambda: gehoor.status()["trouble"] is None)
    assert gehoor.status()["broken"] == {}


def test_what_is_written_outside_the_pages_stands_in_the_audit_log(gehoor: Whole) -> None:
    def told() -> int:
        with open_read(gehoor.root / "ledger.sqlite").connect() as store:
            return len(store.exec_driver_sql("SELECT 1 FROM audit WHERE act = 'reload' AND said_by = 'you'").all())

    before = told()
    add_table(gehoor.root, "brands", "luchtig", {"terms": ["luchtig"]})
    wait_for("it is noted", lambda: told() > before)
    assert told() == before + 1


def test_source_that_stopped_is_read_anew_when_a_person_asks(gehoor: Whole) -> None:
    wait_for("it says that there is no file", lambda: gehoor.is_at("late", "stopped"))
    _write(gehoor.root.with_name("late.jsonl"), "Daar ben ik")
    asyncio.run(Control(gehoor.root).call("restart_source", name="late"))
    wait_for("it is read", lambda: _heard_of(gehoor, "late") == ["late-0"])
    with pytest.raises(SettingError, match="no source named"):
        asyncio.run(Control(gehoor.root).call("restart_source", name="nobody"))
