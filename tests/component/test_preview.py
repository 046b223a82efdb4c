"""What a query would have heard: over a real ledger, and on the command line."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.post import PostFilter
from gehoor.core.query import QueryError, parse
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.core.settings import parse as parse_settings
from gehoor.run.preview import Preview, preview
from tests.cast import AGENT, ECHO, FAN, LOYAL, NOON, SPAMMER, WORRIED
from tests.component.commanding import Commanding
from tests.component.hearing import Hearing

DAY_S = DAY_US // SECOND_US
SETTINGS = Settings()
_LOST = "Mijn koffer is weg en niemand van de balie helpt mij verder."


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that heard something on three days."""
    root = tmp_path_factory.mktemp("query") / "workspace"
    hearing = Hearing(root)
    lost = LOYAL.says(_LOST, id="lost")
    said = [
        [
            LOYAL.says("Nog een koffer, lang geleden", id="old", after_s=-9 * DAY_S),
            lost,
            ECHO.says(_LOST + "!", id="copy", after_s=60),
            FAN.says("Twee koffers, geen gedoe", id="two", after_s=120),
            AGENT.says("We zoeken uw koffer", id="answer", after_s=180, to="lost"),
            FAN.likes(lost, after_s=200),
        ],
        [WORRIED.says("Koffer te koop, bijna nieuw", id="sale", after_s=DAY_S)],
        [
            WORRIED.says("Geen koffer, wel een tas", id="bag", after_s=2 * DAY_S),
            SPAMMER.says("De koffer is terug", id="back", after_s=2 * DAY_S + 60),
            LOYAL.edits(replace(lost, id="edited"), "Geen woord meer", after_s=2 * DAY_S + 90),
        ],
    ]
    for day, activities in enumerate(said):
        hearing.hear(activities, received=NOON + day * DAY_US + 300 * SECOND_US)
    hearing.close()
    hearing.ledger.close()
    return root


@pytest.fixture(scope="module")
def reader(root: Path) -> Iterator[Reader]:
    reader = Reader(root)
    yield reader
    reader.close()


def ids(found: Preview) -> list[str]:
    return [post.id for post in found.posts]


def test_what_people_said_on_the_last_days_is_counted_and_shown_newest_first(reader: Reader) -> None:
    found = preview(reader, SETTINGS, "koffer")
    assert (found.n, found.n_looked_at, found.is_whole) == (5, 7, True)
    assert ids(found) == ["back", "bag", "sale", "lost"]  # and no copy
    assert list(found.days.items())[-3:] == [("2026-04-14", 2), ("2026-04-15", 1), ("2026-04-16", 2)]
    assert len(found.days) == 8


def test_what_is_looked_at_is_what_counts_as_said(reader: Reader) -> None:
    found = preview(reader, SETTINGS, "koffer")
    [cell] = reader.counts(resolution=3600, since=found.since, until=found.until)
    assert found.n_looked_at == cell.n == len(reader.posts(PostFilter(kind="say", since=found.since)))


def test_what_not_leaves_out_is_counted_and_shown(reader: Reader) -> None:
    found = preview(reader, SETTINGS, 'koffer* -(tas OR "te koop") -channel:shop')
    assert (found.n, found.n_excluded) == (4, 2)
    assert [post.id for post in found.excluded] == ["bag", "sale"]


def test_days_reach_as_far_as_they_are_asked_to(reader: Reader) -> None:
    assert ids(preview(reader, SETTINGS, "koffer", days=1)) == ["back", "bag"]
    assert preview(reader, SETTINGS, "koffer", days=30).n == 6


def test_only_the_newest_are_looked_at_where_there_are_too_many(reader: Reader) -> None:
    found = preview(reader, SETTINGS, "koffer", most=3)
    assert (ids(found), found.n_looked_at, found.is_whole) == (["back", "bag"], 3, False)


def test_few_are_taken_from_every_channel(reader: Reader) -> None:
    found = preview(reader, SETTINGS, "koffer", limit=3)
    assert {post.channel for post in found.posts} == {"bluesky", "mastodon", "mail"}
    assert found.n == 5


def test_wrong_query_is_pointed_at_before_anything_is_read(reader: Reader) -> None:
    with pytest.raises(QueryError, match="behind this OR"):
        preview(reader, SETTINGS, "koffer OR")


def test_empty_workspace_has_heard_nothing(workspace: Path) -> None:
    reader = Reader(workspace)
    assert preview(reader, SETTINGS, "koffer") == Preview(since=0, until=0)
    reader.close()


def test_texts_come_once_each_and_newest_first_over_all_days(reader: Reader) -> None:
    batches = list(reader.texts(0, NOON + 9 * DAY_US, 100))
    seqs = [seq for batch in batches for seq in batch.column("seq").to_pylist()]
    assert len(seqs) == 8
    assert seqs == sorted(set(seqs), reverse=True)


def test_saved_query_hears_what_its_preview_showed(tmp_path: Path) -> None:
    query = "koffer* -tas -(lang:de OR channel:shop) OR balie NEAR/2 helpt"
    hearing = Hearing(tmp_path / "workspace", f"[brands.bagage]\nquery = '{query}'\n")
    for n, words in enumerate(
        ["Mijn koffers zijn weg", "koffer en tas", "De balie helpt niet", "balie, wie of wat helpt"]
    ):
        hearing.hear([FAN.says(words, id=f"p{n}", after_s=n)])
    reader = Reader(hearing.root)
    found = preview(reader, SETTINGS, query)
    assert ids(found) == [post.id for post in reader.posts(PostFilter(brand="bagage"))] == ["p2", "p0"]
    reader.close()
    hearing.close()
    hearing.ledger.close()


# -- on the command line -----------------------------------------------------------------------------------------------


def test_query_shows_counts_posts_and_what_not_left_out(root: Path) -> None:
    result = Commanding(root).at("query", "koffer* -tas", "--days", 3)
    assert "On the last 3 days this would have heard 5 of 7 posts." in result.stderr
    assert re.search(r"2026-04-15 +1 ", result.stderr)
    assert "NOT left out 1 more, such as:" in result.stderr
    assert "Twee koffers, geen gedoe" in result.stdout
    assert "Geen koffer, wel een tas" in result.stdout


def test_query_gives_scripts_one_object(root: Path) -> None:
    [row] = Commanding(root).rows("query", "koffer", "--limit", 2)
    assert (row["n"], row["n_looked_at"], len(row["posts"])) == (5, 7, 2)
    assert row["until"].endswith("Z")
    assert sum(row["days"].values()) == 5


def test_wrong_query_ends_with_two_and_a_caret(root: Path) -> None:
    lines = Commanding(root).at("query", "koffer OR AND tas", code=2).stderr.splitlines()
    assert lines == ["Error: There is nothing to look for behind this OR.", "  koffer OR AND tas", "         ^"]


def test_query_of_an_empty_workspace_says_so(tmp_path: Path) -> None:
    person = Commanding(tmp_path / "new")
    person.do("init", person.root)
    assert "Nobody said anything here yet" in person.at("query", "koffer").stderr


def test_check_points_at_a_wrong_query_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "gehoor.toml").write_text("[brands.a]\nquery = 'koffer ('\n")
    lines = Commanding(tmp_path).at("check", code=2).stderr.splitlines()
    assert "gehoor.toml, line 2: [brands.a] query: This ( is never closed: add a )." in lines[0]
    assert lines[1:] == ["  koffer (", "         ^"]


# -- the page about it -------------------------------------------------------------------------------------------------


def test_every_example_of_the_page_is_a_query(repository: Path) -> None:
    page = (repository / "docs/query.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    examples = [code for row in rows for code in re.findall(r"`([^`]+)`", row[-1])]
    assert len(examples) >= 15
    for example in examples:
        parse(example)
    for toml in re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        assert parse_settings(toml, Path()).brands


@pytest.mark.alone
def test_preview_is_there_before_anybody_waits(tmp_path: Path) -> None:
    hearing = Hearing(tmp_path / "workspace")
    words = ["koffer", "tas", "balie", "vlucht", "gate", "app"]
    said = [
        FAN.says(f"{words[n % 6]} {words[n % 5]} nummer {n} {words[n % 4]}", id=f"p{n}", after_s=n)
        for n in range(10_000)
    ]
    for start in range(0, len(said), 5_000):
        hearing.hear(said[start : start + 5_000])
    reader = Reader(hearing.root)
    begun = time.process_time()
    found = preview(reader, SETTINGS, "koffer -tas")
    us_a_post = (time.process_time() - begun) * 1e6 / found.n_looked_at
    assert found.n_looked_at == 10_000
    assert us_a_post < 60  # measured: 12
    reader.close()
    hearing.close()
    hearing.ledger.close()
