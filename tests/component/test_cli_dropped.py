"""What was dropped, and what is spam, from the command line."""

from pathlib import Path

import pytest

from tests.cast import FAN, LOYAL, SPAMMER
from tests.component.broad import Broad
from tests.component.commanding import Commanding

TOML = '[brands.noordvlucht]\nterms = ["{}"]\n[sources.everything]\ntype = "file"\npath = "a"\nkeep = "brands"\n'


@pytest.fixture
def person(tmp_path: Path) -> Commanding:
    """Return somebody whose broad source dropped two posts of three, and whose own source heard spam."""
    broad = Broad(tmp_path / "workspace")
    typo = LOYAL.says("Norvlucht laat ons zitten", id="typo")
    broad.hear(LOYAL.says("Noordvlucht, hallo?", id="kept"), typo, FAN.says("Lekker \x1b[31m weer", id="weather"))
    spam = "U heeft gewonnen: gratis iphone, klik hier https://win.top/a"
    broad.hear(SPAMMER.says(spam, id="spam", after_s=9), source="ours")
    broad.place.close()
    return Commanding(tmp_path / "workspace")


def test_dropped_posts_are_listed_with_their_count_and_harm_no_terminal(person: Commanding) -> None:
    result = person.at("dropped")
    assert "everything: 2 no_brand" in result.stderr
    assert "Norvlucht laat ons zitten" in result.stdout
    assert "\x1b" not in result.stdout
    assert [row["id"] for row in person.rows("dropped", "--limit", 1)] == ["weather"]
    assert person.rows("dropped", "--source", "nobody") == []


def test_corrected_query_hears_them_again(person: Commanding) -> None:
    assert person.rows("dropped", "--replay") == [{"taken_in": 0, "kept": 2}]
    (person.root / "gehoor.toml").write_text(TOML.format("norvlucht"), encoding="utf-8")
    assert "1 taken in, 1 still concern none of your brands" in person.at("dropped", "--replay").stderr
    assert {row["id"] for row in person.rows("posts")} == {"kept", "spam", "typo"}


def test_one_dropped_post_is_brought_back(person: Commanding) -> None:
    handle = person.rows("dropped")[0]["handle"]
    assert person.rows("dropped", "--keep", handle) == [{"taken_in": 1, "gone": 0}]
    assert "0 brought back, 1 no longer there" in person.at("dropped", "--keep", handle).stderr
    assert "is no dropped post" in person.at("dropped", "--keep", "x", code=2).stderr
    assert "Either --replay" in person.at("dropped", "--keep", handle, "--replay", code=2).stderr


def test_spam_is_called_back_and_away_again(person: Commanding) -> None:
    [post] = person.rows("posts", "--kind", "spam")
    person.at("correct", post["seq"], "--no-spam")
    assert person.rows("posts", "--kind", "spam") == []
    person.at("correct", post["seq"], "--spam")
    assert [row["spam"] for row in person.rows("posts", "--kind", "spam")] == ["person"]
