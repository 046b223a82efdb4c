"""What spread, from post to report; and `gehoor spread`, with a line for every oddity."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gehoor.cli.verbs import app
from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.reader import Reader
from gehoor.run.cascades import CascadeReport, Told, cascade_report, cascades_of, newest_cascades, told_in
from gehoor.run.spread import COLUMNS, SpreadReport, spread
from gehoor.warn.cascade_prior import simulated_cascades
from tests.cast import ECHO, FAN, LOYAL, NOON, PRESS, STRANGER
from tests.component.keeping import Keeping

_WORDS = "Er zit glas in de pindakaas van Acme"
_LINK = "https://news.example/pindakaas"
_GLASS = STRANGER.says(f"{_WORDS}, kijk allemaal uit! {_LINK}", id="glass")


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Keeping]:
    """Somebody finds glass; others answer, copy it on another channel; later the news takes it up."""
    keeping = Keeping(tmp_path / "workspace")
    keeping.hear([_GLASS])
    keeping.hear([
        LOYAL.says(f"Echt waar? {_WORDS}?!", id="echo", to="glass", after_s=60),
        FAN.says("Kom op, dat valt reuze mee, fijn bedrijf hoor", id="calm", to="echo", after_s=120),
        ECHO.says(f"{_WORDS}, kijk allemaal uit! {_LINK}", id="copy", after_s=180),
        PRESS.says(f"Glas in potten gevonden {_LINK}?utm_source=rss", id="news", after_s=600),
    ])  # fmt: skip
    keeping.flush()
    yield keeping
    keeping.drop()


def _read(keeping: Keeping, of: int = 1) -> tuple[CascadeReport, Told]:
    keeping.flush()
    reader = Reader(keeping.root)
    try:
        report = cascade_report(reader, cascades_of(reader, [of])[of], NOON + 900 * SECOND_US)
        assert report is not None
        assert newest_cascades(reader, NOON) == [report.id]
        return report, told_in(reader, report)
    finally:
        reader.close()


def test_report_says_who_began_who_carried_and_in_which_order_it_crossed_channels(keeping: Keeping) -> None:
    report, _ = _read(keeping)
    assert (report.n, report.n_people, report.first.seq) == (5, 5, 1)
    assert [(post.seq, post.parent, post.via) for post in report.posts] == [
        (1, None, ""), (2, 1, "reply"), (3, 2, "reply"), (4, 1, "copy"), (5, 1, "link"),
    ]  # fmt: skip
    assert (report.carriers[0].seq, report.carriers[0].brought) == (1, 4.0)
    assert [one.channel for one in report.channels] == ["bluesky", "mastodon", "feed"]
    assert report.lead_s == 600
    assert 5 <= report.outlook.expected_low <= report.outlook.expected


def test_thought_and_who_goes_against_it_are_told_by_the_words(keeping: Keeping) -> None:
    _, told = _read(keeping)
    assert told.thought == "glas in de pindakaas van Acme"
    assert told.against == [(3, "defends")]


def test_who_deletes_the_first_post_leaves_the_rest_to_the_next_voice(keeping: Keeping) -> None:
    keeping.hear([STRANGER.deletes(_GLASS, after_s=700)])
    report, told = _read(keeping, of=2)
    assert (report.n, report.first.seq, report.began) == (4, 2, NOON + 60 * SECOND_US)
    assert 1 not in {post.seq for post in report.posts}
    assert "kijk" not in told.thought


def test_rebuild_and_kill_give_the_same_cascades(keeping: Keeping) -> None:
    sql = "SELECT seq, cascade, at, name, parent, via, actor_key, channel FROM cascade_post"
    sizes = "SELECT id, n, began, last, channel FROM cascade"
    before = keeping.stored(sql), keeping.stored(sizes)
    keeping.projector.rebuild("spread")
    assert (keeping.stored(sql), keeping.stored(sizes)) == before
    keeping.hear([FAN.says("Nog een keer", id="more", to="echo", after_s=700)])
    keeping.kill()
    assert _read(keeping)[0].n == 6


# -- the file instrument --------------------------------------------------------------------------------------------


def _rows(n: int, seed: int = 4, until: float = np.inf) -> list[str]:
    lives = simulated_cascades(np.random.default_rng(seed), n)
    return [f"c{who},{minute:.2f}" for who, life in enumerate(lives) for minute in life if minute <= until]


def _write(path: Path, rows: list[str], header: str = "cascade,minute") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whole lives of forty cascades."""
    return _write(tmp_path_factory.mktemp("others") / "others.csv", _rows(40))


def _spread(tmp_path: Path, rows: list[str], others: Path) -> tuple[SpreadReport, dict[str, dict[str, str]]]:
    report = spread(_write(tmp_path / "seen.csv", rows), tmp_path / "out.csv", 60.0, others)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        return report, {row["cascade"]: row for row in csv.DictReader(file)}


def test_each_cascade_gets_a_size_that_is_not_under_what_was_seen(tmp_path: Path, others: Path) -> None:
    report, found = _spread(tmp_path, _rows(12, seed=5, until=60), others)
    assert list(found["c0"]) == list(COLUMNS)
    assert list(found["c0"])[:2] == ["cascade", "predicted_size"]
    assert (report.cascades, len(found)) == (12, 12)
    assert report.learned_from >= 30
    for row in found.values():
        assert int(row["observed_size"]) <= float(row["predicted_size"])
        assert float(row["size_low"]) <= float(row["predicted_size"]) <= float(row["size_high"])
    assert report.msle < report.no_growth_msle
    assert report.notes == []


def test_neither_order_nor_what_is_later_than_observed_changes_anything(tmp_path: Path, others: Path) -> None:
    rows = _rows(6, seed=5, until=60)
    _, before = _spread(tmp_path, rows, others)
    mixed = np.random.default_rng(1).permutation([*rows, "c1,61", "c1,9999"]).tolist()
    report, found = _spread(tmp_path, mixed, others)
    assert found == {name: before[name] for name in found}
    assert len(found) == len(before)
    assert "2 rows later than --observed-minutes" in report.notes[0]


def test_cascade_of_which_little_is_known_still_gets_a_size(tmp_path: Path, others: Path) -> None:
    report, found = _spread(tmp_path, ["alone,0", "late,90", "gap,3", "gap,59"], others)
    assert {name: row["observed_size"] for name, row in found.items()} == {"alone": "1", "late": "1", "gap": "2"}
    assert all(float(row["predicted_size"]) >= 1 for row in found.values())
    assert any("do not begin at minute 0" in note for note in report.notes)
    assert any("without a post" in note for note in report.notes)


def test_command_says_how_far_it_can_be_believed_and_gives_it_as_json(tmp_path: Path, others: Path) -> None:
    packed = tmp_path / "seen.csv.gz"
    packed.write_bytes(gzip.compress(("cascade,minute\n" + "\n".join(_rows(5, until=60))).encode()))
    words = ["spread", str(packed), "--observed-minutes", "60", "--fit", str(others), "-o", str(tmp_path / "out.jsonl")]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0
    assert "5 cascades" in said.stderr
    assert "MSLE" in said.stderr
    assert json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)["cascades"] == 5


def test_too_few_to_learn_from_is_said(tmp_path: Path) -> None:
    report, _ = _spread(tmp_path, ["a,0", "a,1"], _write(tmp_path / "few.csv", ["x,0", "x,500"]))
    assert report.learned_from == 0
    assert "Too little to learn from" in report.notes[0]


@pytest.mark.parametrize(
    ("header", "row", "complaint"),
    [
        ("cascade,minute", "a,-1", "row 2 (line 3), column minute: -1 lies before the first post"),
        ("cascade,minute", "a,soon", "row 2 (line 3), column minute: 'soon' is not a number"),
        ("cascade,minute", "a,nan", "is not a number"),
        ("cascade,minute", "a,inf", "is not a number"),
        ("cascade,minute", "a,", "column minute: is empty"),
        ("cascade,minute", ",1", "column cascade: is empty"),
        ("cascade,minute", "a,1,2", "3 cells, where the header has 2"),
        ("cascade,minutes", "a,1", "column minute: is missing"),
    ],
)
def test_row_that_cannot_be_read_stops_it_with_one_line_and_no_file(
    tmp_path: Path, header: str, row: str, complaint: str
) -> None:
    source = _write(tmp_path / "seen.csv", ["a,0", row], header)
    words = ["spread", str(source), "--observed-minutes", "60", "-o", str(tmp_path / "out.csv")]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 2
    assert complaint in " ".join(said.stderr.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seen.csv"]


def test_empty_file_and_impossible_minutes_are_said(tmp_path: Path, others: Path) -> None:
    for rows in ([], [""]):
        with pytest.raises(SettingError, match="holds no cascades"):
            spread(_write(tmp_path / "seen.csv", rows), tmp_path / "out.csv", 60.0, others)
    source = _write(tmp_path / "seen.csv", ["a,0"])
    for minutes in (0.0, -5.0, float("nan"), 1e9):
        with pytest.raises(SettingError, match="observed-minutes"):
            spread(source, tmp_path / "out.csv", minutes, others)
    with pytest.raises(SettingError, match="Whole lives are needed"):
        spread(source, tmp_path / "out.csv", 60.0, source)
    assert not (tmp_path / "out.csv").exists()
