"""`gehoor add` with sources of the network: what they hear is shown at once."""

from pathlib import Path

import pytest

from gehoor.core.settings import load
from tests.component.commanding import Commanding
from tests.component.dovecot import PASSWORD, Dovecot
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


def test_a_mailbox_is_added_and_shows_what_lies_in_it_and_never_its_password(
    person: Commanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    with Dovecot() as server:
        server.deliver(b"From: An <an@elders.example>\r\nSubject: Koffer\r\n\r\nWaar blijft hij?\r\n")
        login = ("host=127.0.0.1", f"port={server.port}", "security=none", "user=desk", "password=$MAIL_PASSWORD")
        given = [word for one in (*login, "back_days=36500") for word in ("--set", one)]
        said = person.at("add", "mail", *given).stderr
    assert "Added the source mail." in said
    assert "1 read, 0 cannot be read" in said
    assert "an@elders.example  Koffer" in said
    assert PASSWORD not in said + (person.root / "gehoor.toml").read_text()
    assert load(person.root).sources["mail"].type == "mail"


def test_mail_with_addresses_is_who_is_told(person: Commanding) -> None:
    person.at("add", "mail", "desk@acme.example", "--set", "host=mx.acme.example", "--set", "sender=w@acme.example")
    settings = load(person.root)
    assert (list(settings.senders), list(settings.sources)) == (["mail"], [])
