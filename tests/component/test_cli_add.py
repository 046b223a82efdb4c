"""`gehoor add` with sources of the network: what they hear is shown at once."""

from pathlib import Path

import pytest

from gehoor.core.settings import load
from tests.component.commanding import Commanding
from tests.component.hearing import BRANDS
from tests.component.scripted import Scripted, answer

FEED = b"<rss version='2.0'><channel><item><guid>1</guid><title>Waar blijft mijn koffer</title></item></channel></rss>"


@pytest.fixture
def person(tmp_path: Path) -> Commanding:
    """Return somebody with an empty workspace."""
    (tmp_path / "w").mkdir()
    (tmp_path / "w/gehoor.toml").write_text(BRANDS)
    return Commanding(tmp_path / "w")


def test_a_feed_is_added_by_its_address_and_shows_what_it_hears(person: Commanding) -> None:
    with Scripted(lambda asked: answer(200, FEED)) as server:
        said = person.at("add", "feed", f"{server.url}/feed", "--set", "allow_private=true", "--set", "every_s=60")
    assert "Added the source localhost." in said.stderr
    assert "1 read, 0 cannot be read" in said.stderr
    assert "Waar blijft mijn koffer" in said.stderr
    part = load(person.root).sources["localhost"]
    assert (part.type, part.options.addresses, part.options.every_s) == ("feed", (f"{server.url}/feed",), 60)


def test_a_feed_that_cannot_be_read_now_is_added_and_says_why(person: Commanding) -> None:
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/feed">'
    with Scripted(lambda asked: answer(200, page)) as server:
        said = person.at("add", "feed", server.url, "--name", "blog", "--set", "allow_private=true").stderr
    assert f"It says its feed is at {server.url}/feed" in said
    assert "blog" in load(person.root).sources


def test_an_address_that_is_none_is_refused_and_nothing_is_added(person: Commanding) -> None:
    assert "no web address" in person.at("add", "feed", "example.org/feed", code=2).stderr
    assert not load(person.root).sources


def test_a_source_takes_the_words_behind_its_type(person: Commanding) -> None:
    with Scripted(lambda asked: answer(401)) as server:
        address = f"server={server.url}"
        said = person.at("add", "mastodon", "#koffer", "@jan", "--set", address, "--set", "allow_private=true").stderr
    assert load(person.root).sources["mastodon"].options.timelines == ["#koffer", "@jan"]
    assert "Added the source mastodon." in said
