"""Topics in a workspace and in a file: named, stable, and taken back with their posts."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gehoor.cli.verbs import app
from gehoor.core.reader import Reader
from gehoor.core.topic import Topic, seqs_of_topic, topic_of, topics_of_posts, topics_since
from gehoor.run.topics import topics
from tests.cast import ECHO, FAN, FOREIGNER, LOYAL, NOON, WORRIED, Person
from tests.component.keeping import Keeping

_PEOPLE = (LOYAL, FAN, ECHO, WORRIED, FOREIGNER)
_LUGGAGE = (
    "Mijn koffer is kwijt op Schiphol", "Koffer kwijt, al drie dagen wachten", "koffer kwijt op schiphol, niemand belt",
    "Alweer een koffer kwijt bij Schiphol", "Onze koffer ligt nog op Schiphol",
)  # fmt: skip
_APP = ("De app crasht bij inchecken", "app crasht steeds bij het inchecken", "Inchecken lukt niet, de app crasht")


@pytest.fixture
def keeping(workspace: Path) -> Iterator[Keeping]:
    keeping = Keeping(workspace)
    posts = [*_LUGGAGE, *_APP]
    keeping.hear([_who(n).says(text, id=f"p{n}", after_s=n) for n, text in enumerate(posts)])
    keeping.flush()
    yield keeping
    keeping.drop()


def _who(n: int) -> Person:
    return _PEOPLE[n % len(_PEOPLE)]


def _topics(keeping: Keeping) -> list[Topic]:
    reader = Reader(keeping.root)
    try:
        return topics_since(reader, 0)
    finally:
        reader.close()


def _stored(keeping: Keeping) -> list[tuple[object, ...]]:
    rows = keeping.stored("SELECT id, name, language, telling, began_at, last_at, n, merged_into FROM topic")
    return rows + keeping.stored("SELECT seq, topic FROM topic_post")


def test_what_is_said_alike_is_one_topic_with_a_name_in_its_own_words(keeping: Keeping) -> None:
    luggage, checkin = _topics(keeping)
    assert (luggage.n, checkin.n) == (5, 3)
    assert {"koffer", "schiphol"} <= set(luggage.name.replace(",", "").split())
    assert {"app", "crasht", "inchecken"} <= set(checkin.name.replace(",", "").split())
    assert luggage.language == "nl"
    assert luggage.telling in range(1, 6)
    assert luggage.began_at == NOON


def test_posts_and_their_topic_are_found_from_each_other(keeping: Keeping) -> None:
    luggage = _topics(keeping)[0]
    reader = Reader(keeping.root)
    assert seqs_of_topic(reader, luggage.id) == [5, 4, 3, 2, 1]
    assert seqs_of_topic(reader, luggage.id, before=3) == [2, 1]
    assert topics_of_posts(reader, [1, 2, 999]) == {1: luggage.id, 2: luggage.id}
    assert topic_of(reader, luggage.id) == luggage
    assert topic_of(reader, 999) is None
    reader.close()


def test_kill_in_the_middle_changes_no_topic(keeping: Keeping) -> None:
    keeping.hear([FAN.says("koffer kwijt op Schiphol, help", id="late", after_s=60)])
    keeping.kill()
    keeping.flush()
    after = _stored(keeping)
    assert _topics(keeping)[0].n == 6
    keeping.restart()
    assert _stored(keeping) == after


def test_rebuild_gives_the_same_topics(keeping: Keeping) -> None:
    before = _stored(keeping)
    keeping.projector.rebuild("topics")
    assert _stored(keeping) == before


def test_post_that_is_deleted_leaves_its_topic_and_its_words_leave_the_name(keeping: Keeping) -> None:
    keeping.hear([_who(n).says("storing treinen", id=f"t{n}", after_s=60 + n) for n in range(3)])
    secret = FAN.says("storing treinen Hoogvliet", id="s", after_s=70)
    keeping.hear([secret])
    keeping.flush()
    assert [topic.n for topic in _topics(keeping)] == [5, 4, 3]
    assert "hoogvliet" in _topics(keeping)[1].name
    keeping.hear([FAN.deletes(secret, after_s=90)])
    keeping.flush()
    assert sorted(topic.n for topic in _topics(keeping)) == [3, 3, 5]
    assert not any("hoogvliet" in topic.name for topic in _topics(keeping))
    assert keeping.stored("SELECT count(*) FROM topic_post") == [(11,)]


def test_post_that_comes_and_goes_before_anything_is_written_was_never_there(keeping: Keeping) -> None:
    before = _stored(keeping)
    post = FAN.says("koffer kwijt op Schiphol", id="gone", after_s=60)
    keeping.hear([post])
    keeping.hear([FAN.deletes(post, after_s=61)])
    keeping.flush()
    assert _stored(keeping) == before


_FIRST = (
    "baggage",
    "carousel",
    "belt",
    "damaged",
    "wheel",
    "handle",
    "claim",
    "desk",
    "form",
    "lost",
    "tag",
    "trolley",
)
_SECOND = (
    "refund",
    "money",
    "bank",
    "account",
    "weeks",
    "promised",
    "invoice",
    "transfer",
    "paid",
    "card",
    "cents",
    "iban",
)


def _grown_apart(n: int) -> list[str]:
    """Posts that all name one airline, of which every third is about another subject than the others."""
    rng = np.random.default_rng(6)
    return [
        " ".join(["Noordvlucht", "complaint", *rng.choice(_SECOND if i % 3 == 2 else _FIRST, 4, replace=False)])
        for i in range(n)
    ]


def test_topic_that_became_two_is_two_in_every_page_and_after_a_restart(workspace: Path) -> None:
    keeping = Keeping(workspace)
    said = [_who(n).says(text, id=f"s{n}", after_s=n) for n, text in enumerate(_grown_apart(1_030))]
    keeping.hear(said[:600])
    keeping.flush()  # half of what moves stands in the store already
    keeping.hear(said[600:])
    keeping.flush()
    larger, smaller = (one for one in _topics(keeping) if one.n > 50)
    assert smaller.split_from == larger.id
    assert larger.split_from is None
    assert larger.n > 1.5 * smaller.n
    assert set(smaller.name.replace(",", "").split()) & {*_SECOND}
    assert not set(larger.name.replace(",", "").split()) & {*_SECOND}
    reader = Reader(keeping.root)
    theirs = seqs_of_topic(reader, smaller.id, 2_000)
    reader.close()
    assert len(theirs) == smaller.n
    assert sum(seq % 3 == 0 for seq in theirs) >= 0.98 * len(theirs)  # seqs count from 1
    before = _stored(keeping)
    keeping.restart()
    assert _stored(keeping) == before
    keeping.hear([FAN.deletes(post, after_s=2_000) for post in said[11:200:15]])
    keeping.flush()
    counts = dict(keeping.stored("SELECT topic, count(*) FROM topic_post GROUP BY topic"))
    assert all(one.n == counts[one.id] for one in _topics(keeping))
    keeping.drop()


def test_restart_between_two_looks_changes_nothing_of_a_split(tmp_path: Path) -> None:
    posts = [_who(n).says(text, id=f"s{n}", after_s=n) for n, text in enumerate(_grown_apart(1_100))]
    kept = []
    for at in (1, 700):
        keeping = Keeping(tmp_path / str(at))
        keeping.hear(posts[:at])
        keeping.restart()
        keeping.hear(posts[at:])
        keeping.flush()
        kept.append(keeping.stored("SELECT seq, topic FROM topic_post ORDER BY seq"))
        keeping.drop()
    assert kept[0] == kept[1]
    assert len({topic for _, topic in kept[0]}) > 1


# -- in a file ----------------------------------------------------------------------------------------------------


def _write(path: Path, texts: list[str | None]) -> Path:
    rows = [{"id": f"p{n}", "published": 1_776_000_000 + n, "text": text} for n, text in enumerate(texts)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_file_gets_a_topic_a_post_in_its_order(tmp_path: Path) -> None:
    source = _write(tmp_path / "posts.jsonl", [_LUGGAGE[0], _APP[0], None, *_LUGGAGE[1:], *_APP[1:]])
    report = topics(source, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "topic"]
    assert [row["id"] for row in rows] == [f"p{n}" for n in range(9)]
    assert [row["topic"] for row in rows] == list("120111122")
    assert report[:2] == (9, 2)


def test_verb_says_what_it_found_and_what_is_wrong(tmp_path: Path) -> None:
    source = _write(tmp_path / "posts.jsonl", [*_APP])
    found = CliRunner().invoke(app, ["topics", str(source), "-o", str(tmp_path / "out.csv")])
    assert found.exit_code == 0
    assert "3 posts, 1 topic" in found.output
    (tmp_path / "bad.csv").write_text("id,text\n1,hoi\n", encoding="utf-8")
    failed = CliRunner().invoke(app, ["topics", str(tmp_path / "bad.csv"), "-o", str(tmp_path / "bad_out.csv")])
    assert failed.exit_code == 2
    assert "published" in failed.output
    assert not (tmp_path / "bad_out.csv").exists()


@pytest.mark.parametrize("size", [3_300, 700])
def test_of_a_flood_the_first_of_each_ten_seconds_have_a_topic_however_they_are_batched(
    workspace: Path, size: int
) -> None:
    keeping = Keeping(workspace)
    posts = [_who(n).says(f"{_LUGGAGE[n % 5]} {n}", id=f"f{n}") for n in range(3_300)]
    for first in range(0, len(posts), size):
        keeping.hear(posts[first : first + size])
        keeping.flush()
    assert keeping.stored("SELECT count(*), max(seq) FROM topic_post") == [(3_000, 3_000)]
    keeping.hear([LOYAL.says("Mijn koffer is kwijt", id="later")], received=NOON + 10_000_000)
    keeping.flush()
    assert keeping.stored("SELECT count(*) FROM topic_post") == [(3_001,)]
    keeping.drop()
