"""Answers on Bluesky, on loopback: once per key whatever breaks, in the thread, and refused in plain words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gehoor.core.clock import StillClock
from gehoor.core.reply import Reply
from gehoor.core.settings import parse
from gehoor.core.store import put
from gehoor.core.tables.desk import desk_reply
from gehoor.listen.bluesky_saying import rkey_of
from gehoor.run.repliers import try_replier
from tests.cast import NOON
from tests.component.pds import CARE, Pds
from tests.component.replying import Answering, answer_to

CREATE = "com.atproto.repo.createRecord"


def _toml(url: str, password: str = "app-pass") -> str:
    return (
        f'[repliers.care]\ntype = "bluesky-reply"\nhandle = "care.example.org"\napp_password = "{password}"\n'
        f'pds = "{url}"\nallow_private = true\n'
    )


def _answer(uri: str, text: str = "Dag An, we zoeken het voor je uit.", **more: Any) -> Reply:
    return answer_to(uri, text, channel="bluesky", language="nl", **more)


@pytest.fixture
def pds() -> Iterator[Pds]:
    """Serve a server of Bluesky."""
    with Pds() as serving:
        yield serving


@pytest.fixture
def answering(pds: Pds, tmp_path: Path) -> Iterator[Answering]:
    """Have a workspace that answers there."""
    answering = Answering(tmp_path / "workspace", _toml(pds.url))
    yield answering
    answering.place.close()


def test_answer_stands_in_its_thread_with_links_and_mentions_by_bytes(pds: Pds, answering: Answering) -> None:
    root = f"at://{CARE}/app.bsky.feed.post/3kroot"
    uri = pds.say("3kan", "waar blijft mijn koffer", root)
    text = "Zoë 👩‍👩‍👧 @an.example.org zie https://acme.example/koffer. @weg.example.org"
    reply = _answer(uri, text)
    answering.emit("r1", reply)
    assert answering.send()["r1"].state == "sent"
    [(rkey, record)] = pds.records.items()
    assert rkey == rkey_of(reply, "r1")
    assert record["reply"] == {
        "root": {"uri": root, "cid": "bafyroot"},
        "parent": {"uri": uri, "cid": "bafy3kan"},
    }
    assert record["langs"] == ["nl"]
    raw = text.encode()
    marked = {
        raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(): facet["features"][0]
        for facet in record["facets"]
    }
    assert marked["@an.example.org"]["did"] == "did:plc:an"
    assert marked["https://acme.example/koffer"]["uri"] == "https://acme.example/koffer"
    assert len(marked) == 2


def test_same_key_twice_is_one_post_though_the_server_says_500(pds: Pds, answering: Answering) -> None:
    uri = pds.say("3kan", "hoi")
    answering.emit("r1", _answer(uri))
    answering.send()
    with answering.place.projector.engine.begin() as tx:
        tx.exec_driver_sql("DELETE FROM outbox")
    answering.emit("r1", _answer(uri))
    assert answering.send()["r1"].state == "sent"
    assert (len(pds.records), pds.asked.count(CREATE)) == (1, 2)


def test_line_that_breaks_after_the_post_is_looked_up_and_not_posted_again(pds: Pds, answering: Answering) -> None:
    answering.emit("r1", _answer(pds.say("3kan", "hoi")))
    pds.cuts.add(CREATE)
    assert answering.send()["r1"].state == "unknown"
    answering.clock.advance(10)
    assert answering.send()["r1"].state == "sent"
    assert (len(pds.records), pds.asked.count(CREATE)) == (1, 1)


@pytest.mark.parametrize("has_left", [True, False])
def test_crash_between_sent_and_noted_ends_with_one_post(*, has_left: bool, pds: Pds, answering: Answering) -> None:
    uri = pds.say("3kan", "hoi")
    answering.emit("r1", _answer(uri))
    if has_left:
        pds.records[rkey_of(_answer(uri), "r1")] = {}
    answering.crash("r1")
    assert answering.send(rounds=2)["r1"].state == "sent"
    assert (len(pds.records), pds.asked.count(CREATE)) == (1, 0 if has_left else 1)


def test_desk_is_told_in_what_state_an_answer_is_and_under_which_name_it_stands(pds: Pds, answering: Answering) -> None:
    def at_the_desk() -> tuple[str, str | None]:
        with answering.place.projector.engine.begin() as tx:
            row = tx.execute(sa.select(desk_reply.c.state, desk_reply.c.heard_as)).one()
        return row.state, row.heard_as

    reply = _answer(pds.say("3kan", "hoi"))
    with answering.place.projector.engine.begin() as tx:
        row = {"conversation": 1, "to_seq": 1, "at": NOON, "said_by": "sam", "not_before": NOON, "text": reply.text}
        put(tx, desk_reply, key="r1", state="queued", channel="bluesky", drafted_from="", **row)
    answering.emit("r1", reply)
    pds.moods += [(CREATE, 503, {}), ("com.atproto.repo.getRecord", 503, {})]
    answering.send()
    assert at_the_desk() == ("unknown", None)
    answering.clock.advance(10)
    answering.send()
    assert at_the_desk() == ("queued", None)
    answering.send()
    assert at_the_desk() == ("sent", f"at://{CARE}/app.bsky.feed.post/{rkey_of(reply, 'r1')}")


def test_session_is_opened_once_and_again_when_it_has_ended(pds: Pds, answering: Answering) -> None:
    uri = pds.say("3kan", "hoi")
    for key in ("r1", "r2"):
        answering.emit(key, _answer(uri))
    answering.send()
    assert pds.n_sessions == 1
    pds.end_session()
    answering.emit("r3", _answer(uri))
    assert answering.send()["r3"].state == "sent"
    assert pds.n_sessions == 2


def test_busy_server_is_left_alone_until_it_said_and_holds_all_answers(pds: Pds, answering: Answering) -> None:
    uri = pds.say("3kan", "hoi")
    for key in ("r1", "r2"):
        answering.emit(key, _answer(uri))
    pds.moods.append((CREATE, 429, {"ratelimit-reset": str(NOON // 1_000_000 + 300), "ratelimit-remaining": "0"}))
    found = answering.send(rounds=3)
    assert {entry.state for entry in found.values()} == {"waiting"}
    assert pds.asked.count(CREATE) == 1
    answering.clock.advance(301)
    assert {entry.state for entry in answering.send().values()} == {"sent"}


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ({"to": "at://did:plc:an/app.bsky.feed.post/gone"}, "no longer there"),
        ({"to": "at://did:plc:an/app.bsky.feed.post/closed"}, "takes no answers"),
        ({"text": "x" * 301}, "301 characters, and 300 fit"),
        ({"text": "a" + "\u0301" * 2_000}, "make it shorter"),
        ({"visibility": "direct"}, "everybody can read"),
    ],
)
def test_what_cannot_be_answered_is_said_in_words(
    reply: dict[str, str], words: str, pds: Pds, answering: Answering
) -> None:
    uri = pds.say("open", "hoi")
    pds.say("closed", "hoi", viewer={"replyDisabled": True})
    answering.emit("r1", _answer(**({"uri": reply.pop("to", uri)} | reply)))
    found = answering.send()["r1"]
    assert (found.state, words in (found.receipt or ""), pds.records) == ("failed", True, {})


def test_refused_password_is_said_at_the_trial_and_at_sending(pds: Pds, tmp_path: Path) -> None:
    settings = parse(_toml(pds.url, "wrong"), tmp_path)
    trial = try_replier(settings, "care", StillClock(NOON))
    assert "check handle and app password" in (trial.trouble or "")
    answering = Answering(tmp_path / "workspace", _toml(pds.url, "wrong"))
    answering.emit("r1", _answer(pds.say("3kan", "hoi")))
    assert answering.send()["r1"].state == "failed"
    answering.place.close()


def test_trial_says_as_whom_and_posts_nothing(pds: Pds, tmp_path: Path) -> None:
    trial = try_replier(parse(_toml(pds.url), tmp_path), "care", StillClock(NOON))
    assert trial.able is not None
    assert (trial.able.account, trial.able.most, pds.records) == ("@care.example.org", 300, {})
