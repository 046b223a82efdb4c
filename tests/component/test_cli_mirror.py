"""`gehoor mirror`, `moments`, `renewals` and `advice`, at a terminal and for scripts."""

import json
from pathlib import Path

import pytest

from gehoor.core.clock import StillClock
from gehoor.run.opened import Opened
from tests.cast import NOON
from tests.component.commanding import Commanding
from tests.component.mirroring import crowd, heard

_DAY = "2026-04-13"


@pytest.fixture
def shop(tmp_path: Path) -> Commanding:
    """Give a shop that heard two months, at rest."""
    heard(tmp_path / "workspace", crowd(30, range(1, 60), 0.2)).close()
    return Commanding(tmp_path / "workspace")


def test_edition_is_shown_to_people_to_scripts_and_in_a_file(shop: Commanding, tmp_path: Path) -> None:
    told = shop.at("mirror", "--date", _DAY).stdout
    assert "BINDEN" in told and "WAT WE NIET WETEN" in told  # in the language of the workspace
    (found,) = shop.rows("mirror", "--date", _DAY)
    assert found["last_day"] == _DAY and found["binding"]["name"] == "binding"
    shop.at("mirror", "--date", _DAY, "--json", "-o", tmp_path / "edition.json")
    kept = json.loads((tmp_path / "edition.json").read_text(encoding="utf-8"))
    assert kept["binding"] == found["binding"]
    with Opened(shop.root, StillClock(NOON)) as opened:
        assert opened.mirror(_DAY).binding.level.value == found["binding"]["level"]["value"]


def test_closer_look_is_shown_and_written_in_a_file(shop: Commanding, tmp_path: Path) -> None:
    (found,) = shop.rows("mirror", "--of", "channel:mastodon", "--date", _DAY)
    shop.at("mirror", "--of", "channel:mastodon", "--date", _DAY, "-o", tmp_path / "look.json")
    kept = json.loads((tmp_path / "look.json").read_text(encoding="utf-8"))
    assert kept == found and found["n_people"] > 0
    shop.at("mirror", "--of", "channel:mastodon", "--date", _DAY, "-o", tmp_path / "look.txt")
    assert "mastodon" in (tmp_path / "look.txt").read_text(encoding="utf-8")
    assert ".txt or .json" in shop.at("mirror", "--of", "channel:mail", "-o", "look.pdf", code=2).stderr


def test_wrong_day_period_or_brand_is_refused_in_plain_words(shop: Commanding) -> None:
    assert "no day" in shop.at("mirror", "--date", "gisteren", code=2).stderr
    assert "still to come" in shop.at("mirror", "--date", "2999-01-01", code=2).stderr
    assert "no brand" in shop.at("mirror", "--brand", "zzz", code=2).stderr
    assert "day, week, month, year" in shop.at("mirror", "--period", "eeuw", code=2).stderr


def test_moments_and_renewals_are_told_listed_and_taken_away(shop: Commanding, tmp_path: Path) -> None:
    shop.at("moments", "--add", "Interview", "--since", "2026-04-12T20:30", "--kind", "broadcast")
    calendar = tmp_path / "moments.csv"
    calendar.write_text("name,since,until\nActie,2026-04-01,2026-04-07\n", encoding="utf-8")
    for _ in range(2):  # the same file again replaces what it told
        shop.at("moments", "--import", calendar)
    names = [row["name"] for row in shop.rows("moments")]
    assert names == ["Actie", "Interview"]
    shop.at("moments", "--drop", shop.rows("moments")[0]["id"])
    assert len(shop.rows("moments")) == 1
    shop.at("renewals", "--add", "Maandkaart", "--date", "2026-03-01", "--kind", "offer")
    assert shop.rows("renewals")[0]["name"] == "Maandkaart"
    assert (
        "Invalid enum value" in shop.at("renewals", "--add", "x", "--date", "2026-03-01", "--kind", "x", code=2).stderr
    )
    assert "There is no advice" in shop.at("advice", "nothing", "done", code=2).stderr
    assert shop.rows("advice") == []
