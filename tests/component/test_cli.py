"""The verbs on a real workspace that does not run."""

from pathlib import Path

import pytest

from gehoor.core import registry
from gehoor.core.page import RawPage
from gehoor.core.sqlite import open_read
from tests.cast import CRITIC, FAN, NOON, SPAMMER
from tests.component.commanding import Commanding
from tests.component.hearing import Hearing

ANGRY = "Wat een slechte service van Noordvlucht! Mijn koffer is weg en niemand helpt mij."


@pytest.fixture
def person(tmp_path: Path) -> Commanding:
    """Return somebody whose workspace has heard four posts and refused one."""
    root = tmp_path / "workspace"
    hearing = Hearing(root)
    said = [
        CRITIC.says(ANGRY, id="c1"),
        FAN.says("Prachtige vlucht met Noordvlucht, dank jullie wel!", id="f1", after_s=60),
        FAN.says(f"Gelezen: {ANGRY}", id="f2", after_s=120),
        SPAMMER.says("Win nu gratis tickets \x1b[31m op https://win.example", id="s1", after_s=180),
    ]
    hearing.hear(said)
    bad = RawPage(source="cast", decoder="plain", payload=b'{"id": "x", "published": "gisteren"}', received=NOON)
    hearing.hear_page(bad)
    hearing.close()
    hearing.ledger.close()
    return Commanding(root)


# -- begin ------------------------------------------------------------------------------------------------------------


def test_init_makes_a_workspace_that_check_finds_right(tmp_path: Path) -> None:
    person = Commanding(tmp_path / "new")
    person.do("init", person.root, "--name", "Acme", "--brand", "Acme Bank", "--language", "en")
    text = (person.root / "gehoor.toml").read_text(encoding="utf-8")
    assert 'interface = "en"' in text
    assert "[brands.acme-bank]" in text
    assert "nothing is listened to yet" in person.at("check").stderr


def test_init_leaves_an_existing_workspace_alone(person: Commanding) -> None:
    before = (person.root / "gehoor.toml").read_bytes()
    assert "exists already" in person.do("init", person.root, code=2).stderr
    assert (person.root / "gehoor.toml").read_bytes() == before


def test_check_shows_what_would_be_heard_and_what_refused(person: Commanding, tmp_path: Path) -> None:
    file = tmp_path / "new posts.jsonl"
    file.write_text('{"id": 1, "text": "Hoi daar"}\n{"id": 2, "text": "x"}\n{"id": 3, "text": 7.5, "published": "?"}\n')
    person.at("add", "file", file)
    said = person.at("check").stderr
    assert "2 read, 1 cannot be read" in said
    assert "Hoi daar" in said
    assert "published '?' is not a date" in said
    row = person.rows("check")[0]
    assert (row["source"], row["ok"], row["n_rejected"]) == ("new-posts", True, 1)


def test_check_ends_with_two_where_a_source_cannot_be_read(person: Commanding, tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("a,b\n1,2\n")
    person.at("add", "file", file)
    assert "no column holds a text" in person.at("check", code=2).stderr


def test_add_makes_a_write_key_and_shows_it_on_stdout(person: Commanding) -> None:
    key = person.at("add", "segment").stdout.strip()
    assert len(key) >= 24
    assert key in (person.root / "gehoor.toml").read_text(encoding="utf-8")


def test_add_takes_every_setting_of_a_type(person: Commanding, tmp_path: Path) -> None:
    words = ["--follow", "--column", "text=body", "--set", "delimiter=;", "--name", "tail"]
    person.at("add", "file", tmp_path / "later.csv", *words)
    text = (person.root / "gehoor.toml").read_text(encoding="utf-8")
    assert 'columns = { text = "body" }' in text
    assert 'delimiter = ";"' in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fiel", "posts.jsonl"], "Did you mean 'file'?"),
        (["file", "nowhere.jsonl"], "no such file"),
        (["file"], "Say which file"),
        (["brand"], "Say what people call it"),
        (["brand", "noordvlucht"], "there is a [brands.noordvlucht] already"),
        (["segment", "--set", "nonsense=1"], "has no setting 'nonsense'"),
        (["segment", "--set", "nonsense"], "NAME=VALUE"),
    ],
)
def test_what_cannot_be_added_is_said_and_not_written(person: Commanding, words: list[str], said: str) -> None:
    before = (person.root / "gehoor.toml").read_bytes()
    assert said in person.at("add", *words, code=2).stderr
    assert (person.root / "gehoor.toml").read_bytes() == before


# -- look -------------------------------------------------------------------------------------------------------------


def test_posts_are_found_by_words_and_by_what_was_judged(person: Commanding) -> None:
    assert [row["id"] for row in person.rows("posts")] == ["s1", "f2", "f1", "c1"]
    assert [row["id"] for row in person.rows("posts", "koffer", "--originals")] == ["c1"]
    assert [row["id"] for row in person.rows("posts", "--sentiment", "positive", "--brand", "noordvlucht")] == ["f1"]
    assert [row["id"] for row in person.rows("posts", "--actor", CRITIC.actor)] == ["c1"]
    assert len(person.rows("posts", "--limit", 2)) == 2
    assert len(person.rows("posts", "--limit", 0)) == 4


def test_posts_are_narrowed_to_a_time_of_the_workspace_s_own_zone(person: Commanding) -> None:
    rows = person.rows("posts", "--since", "2026-04-14T14:01", "--until", "2026-04-14T14:02")
    assert [row["published"] for row in rows] == ["2026-04-14T12:01:00Z"]
    assert "is no moment" in person.at("posts", "--since", "gisteren", code=2).stderr


def test_posts_cannot_steer_the_terminal(person: Commanding) -> None:
    assert "\x1b" not in person.at("posts").stdout


def test_no_post_is_said_and_is_no_error(person: Commanding) -> None:
    result = person.at("posts", "kangoeroe")
    assert result.stdout == ""
    assert "No post is like that" in result.stderr


def test_rejects_are_listed_with_their_reason_and_tried_again(person: Commanding) -> None:
    rows = person.rows("rejects")
    assert "gisteren" in rows[0]["reason"]
    assert rows[0]["raw"].startswith("{")
    assert person.rows("rejects", "--source", "other") == []
    assert person.rows("rejects", "--replay") == [{"taken_in": 0, "kept": 1}]


def test_sources_say_that_nothing_runs(person: Commanding) -> None:
    assert "not running" in person.at("sources").stderr


@pytest.mark.parametrize("verb", ["posts", "sources", "rejects", "check", "serve", "stop"])
def test_a_folder_that_is_no_workspace_is_said(tmp_path: Path, verb: str) -> None:
    said = Commanding(tmp_path).at(verb, code=2).stderr
    assert "gehoor init" in said


# -- keep -------------------------------------------------------------------------------------------------------------


def test_a_correction_changes_what_is_found(person: Commanding) -> None:
    seq = person.rows("posts", "--actor", CRITIC.actor)[0]["seq"]
    person.at("correct", seq, "--sentiment", "positive", "--intent", "praise")
    assert [row["seq"] for row in person.rows("posts", "--sentiment", "positive", "--actor", CRITIC.actor)] == [seq]


def test_what_is_decided_at_the_terminal_stands_in_the_audit_log(person: Commanding) -> None:
    seq = person.rows("posts")[0]["seq"]
    person.at("correct", seq, "--sentiment", "positive")
    with open_read(person.root / "ledger.sqlite").connect() as store:
        rows = store.exec_driver_sql("SELECT said_by, act, purpose FROM audit").all()
    assert [tuple(row) for row in rows] == [("you", "correct", "decision")]


def test_what_cannot_be_corrected_is_said(person: Commanding) -> None:
    assert "--sentiment, --intent" in person.at("correct", 1, code=2).stderr
    assert "negative, neutral, positive" in person.at("correct", 1, "--sentiment", "sad", code=2).stderr
    assert "no post 999" in person.at("correct", 999, "--sentiment", "positive", code=2).stderr


def test_forget_asks_first_and_then_erases(person: Commanding) -> None:
    person.at("forget", CRITIC.actor, "--channel", CRITIC.channel, code=1, answer="n\n")
    assert len(person.rows("posts")) == 4
    person.at("forget", CRITIC.actor, "--channel", CRITIC.channel, answer="y\n")
    assert [row["id"] for row in person.rows("posts")] == ["s1", "f2", "f1"]


def test_forget_tells_scripts_what_it_did(person: Commanding, tmp_path: Path) -> None:
    person.at("backup", tmp_path / "copy")
    done = person.rows("forget", FAN.actor, "--channel", FAN.channel, "--yes")[0]
    assert done["n_rows"] == 2
    assert done["backups"] == [str(tmp_path / "copy")]


def test_forgetting_a_stranger_ends_with_two(person: Commanding) -> None:
    assert "Nobody with the id" in person.at("forget", "nobody", "--channel", "mail", "--yes", code=2).stderr


def test_rebuild_makes_every_projection_anew(person: Commanding) -> None:
    said = person.at("rebuild", "all").stderr
    assert all(f"{name}: made anew from 4 rows" in said for name in ("rollup", "words", "history", "warn"))
    known = ", ".join(registry.names("projections"))
    assert f"Known: {known}, all" in person.at("rebuild", "nothing", code=2).stderr


def test_a_backup_is_restored_with_its_posts(person: Commanding, tmp_path: Path) -> None:
    person.at("backup", tmp_path / "copy")
    person.do("restore", tmp_path / "copy", tmp_path / "again")
    assert Commanding(tmp_path / "again").rows("posts") == person.rows("posts")
    assert "is not empty" in person.do("restore", tmp_path / "copy", tmp_path / "again", code=2).stderr
    assert "is no backup" in person.do("restore", tmp_path, tmp_path / "third", code=2).stderr


def test_a_backup_inside_the_workspace_is_refused(person: Commanding) -> None:
    assert "inside the workspace" in person.at("backup", person.root / "copy", code=2).stderr


def test_a_damaged_ledger_is_one_line_and_no_traceback(person: Commanding) -> None:
    for path in (person.root / "segments").iterdir():
        path.write_bytes(b"nothing of the kind" * 1_000)
    assert "ledger cannot be read" in person.at("posts", code=1).stderr


def test_stopping_what_does_not_run_ends_with_one(person: Commanding) -> None:
    assert "No gehoor runs" in person.at("stop", code=1).stderr
