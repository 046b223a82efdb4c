"""Answers on Mastodon, to a server of its own process: once per key, never wider than asked, refused in plain words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gehoor.core.clock import StillClock
from gehoor.core.outbox import settle_entry
from gehoor.core.reply import Reply
from gehoor.core.settings import parse
from gehoor.run.repliers import try_replier
from tests.cast import NOON
from tests.component.mastodon import ADA, ALAN, GRACE, Fediverse
from tests.component.replying import Answering, answer_to
from tests.component.scripted import Asked, Scripted, answer

TEXT = "Dag, we zoeken je koffer voor je. Kijk op https://acme.example/koffer & bel ons."


def _toml(url: str, token: str = ADA, **more: Any) -> str:
    lines = [f'server = "{url}"', f'token = "{token}"', "allow_private = true"]
    return '[repliers.care]\ntype = "mastodon-reply"\n' + "\n".join(lines + [f"{n} = {v}" for n, v in more.items()])


@pytest.fixture(scope="module")
def fediverse() -> Iterator[Fediverse]:
    """Serve one server for all."""
    with Fediverse() as serving:
        yield serving


@pytest.fixture
def answering(fediverse: Fediverse, tmp_path: Path) -> Iterator[Answering]:
    """Have a workspace that answers there."""
    answering = Answering(tmp_path / "workspace", _toml(fediverse.url))
    yield answering
    answering.place.close()


def _message(fediverse: Fediverse, text: str = "waar blijft mijn koffer", **more: Any) -> str:
    return f"127.0.0.1:{fediverse.port}/statuses/{fediverse.say(text, GRACE, **more)}"


def _answers(fediverse: Fediverse, message: str) -> list[dict[str, Any]]:
    number = message.rpartition("/")[2]
    found: list[dict[str, Any]] = fediverse.call("GET", f"statuses/{number}/context", ADA)["descendants"]
    return found


def _answer(message: str, text: str = TEXT, **more: Any) -> Reply:
    return answer_to(message, text, language="nl", **more)


def test_answer_mentions_who_it_is_for_and_stands_under_the_message(fediverse: Fediverse, answering: Answering) -> None:
    message = _message(fediverse)
    answering.emit("m1", _answer(message))
    assert answering.send()["m1"].state == "sent"
    [status] = _answers(fediverse, message)
    assert [one["acct"] for one in status["mentions"]] == ["grace"]
    assert (status["visibility"], status["language"]) == ("public", "nl")


def test_same_key_twice_is_one_post(fediverse: Fediverse, answering: Answering) -> None:
    message = _message(fediverse)
    for _ in range(2):
        answering.emit("m2", _answer(message))
        assert answering.send()["m2"].state == "sent"
        with answering.place.projector.engine.begin() as tx:
            tx.exec_driver_sql("DELETE FROM outbox")
    assert len(_answers(fediverse, message)) == 1


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
def test_answer_is_never_wider_than_what_it_answers(
    visibility: str, fediverse: Fediverse, answering: Answering
) -> None:
    message = _message(fediverse, "@ada waar blijft mijn koffer", visibility=visibility)
    answering.emit("m", _answer(message, visibility="public"))
    assert answering.send()["m"].state == "sent"
    [status] = _answers(fediverse, message)
    assert status["visibility"] == ("direct" if visibility == "private" else visibility)


def test_name_of_another_in_a_closed_answer_shows_it_to_nobody_else(fediverse: Fediverse, answering: Answering) -> None:
    message = _message(fediverse, "@ada help", visibility="direct")
    answering.emit("m", _answer(message, "Dag @alan\x00\u202e, dit is alleen voor jou"))
    assert answering.send()["m"].state == "sent"
    [status] = _answers(fediverse, message)
    assert [one["acct"] for one in status["mentions"]] == ["grace"]
    assert "\x00" not in status["content"] and "\u202e" not in status["content"]


@pytest.mark.parametrize("has_left", [True, False])
def test_crash_between_sent_and_noted_ends_with_one_post(
    *, has_left: bool, fediverse: Fediverse, answering: Answering
) -> None:
    message = _message(fediverse)
    answering.emit("m", _answer(message))
    if has_left:  # and more than an hour passed, so that the server forgot the key
        number = message.rpartition("/")[2]
        fediverse.say(f"@grace {TEXT}", ADA, in_reply_to_id=number, visibility="public")
    answering.crash("m")
    assert answering.send(rounds=2)["m"].state == "sent"
    assert len(_answers(fediverse, message)) == 1


def test_answer_of_ours_in_other_words_leaves_it_to_a_person(fediverse: Fediverse, answering: Answering) -> None:
    message = _message(fediverse)
    answering.emit("m", _answer(message))
    fediverse.say("@grace al gebeld", ADA, in_reply_to_id=message.rpartition("/")[2])
    answering.crash("m")
    for _ in range(3):
        found = answering.send(rounds=2)["m"]
        answering.clock.advance(3_600)
    assert (found.state, "other words" in (found.receipt or "")) == ("unknown", True)
    assert len(_answers(fediverse, message)) == 1


def test_what_a_person_decided_during_the_look_up_stands(tmp_path: Path) -> None:
    def script(asked: Asked) -> bytes:
        with workspace.place.projector.engine.begin() as tx:
            settle_entry(tx, "m", "failed", "by sam")
        return answer(200, b"[]" if "/accounts/1/" in asked.path else b'{"id": "1", "acct": "ada"}')

    with Scripted(script) as server:
        workspace = Answering(tmp_path / "workspace", _toml(f"http://127.0.0.1:{server.port}"))
        workspace.emit("m", _answer(f"127.0.0.1:{server.port}/statuses/7"))
        workspace.crash("m")
        found = workspace.send(rounds=2)["m"]
        workspace.place.close()
    assert (found.state, found.receipt, len(server.asked)) == ("failed", "by sam", 3)


def test_trouble_after_the_post_is_looked_up_and_not_posted_again(fediverse: Fediverse, tmp_path: Path) -> None:
    message = _message(fediverse)
    with Scripted(_gateway_that_gives_up(fediverse)) as gateway:
        toml = _toml(f"http://127.0.0.1:{gateway.port}")
        answering = Answering(tmp_path / "workspace", toml)
        answering.emit("m", _answer(message.replace(str(fediverse.port), str(gateway.port))))
        assert answering.send()["m"].state == "unknown"
        answering.clock.advance(10)
        assert answering.send()["m"].state == "sent"
        answering.place.close()
        posts = [asked for asked in gateway.asked if asked.method == "POST"]
    assert (len(posts), len(_answers(fediverse, message))) == (1, 1)


def _gateway_that_gives_up(fediverse: Fediverse) -> Any:
    """Pass calls on to the server, and answer posts with 504 after they were done."""

    def script(asked: Asked) -> bytes:
        kept = ("authorization", "content-type", "idempotency-key")
        headers = {name: value for name, value in asked.headers.items() if name in kept}
        found = fediverse._http.request(asked.method, asked.path, content=asked.body, headers=headers)
        if asked.method == "POST":
            return answer(504)
        return answer(found.status_code, found.content, Content_Type="application/json")

    return script


def test_busy_server_holds_all_answers_until_it_said(fediverse: Fediverse, answering: Answering) -> None:
    message = _message(fediverse)
    for key in ("a", "b"):
        answering.emit(key, _answer(message, f"Antwoord {key}"))
    number = message.rpartition("/")[2]
    fediverse.fail("ratelimit", f"statuses/{number}", headers={"Retry-After": "300"})
    assert {entry.state for entry in answering.send(rounds=3).values()} == {"waiting"}
    answering.clock.advance(301)
    assert {entry.state for entry in answering.send().values()} == {"sent"}


def test_server_in_trouble_is_asked_again_later(fediverse: Fediverse, answering: Answering) -> None:
    message = _message(fediverse)
    answering.emit("m", _answer(message))
    fediverse.fail("status", f"statuses/{message.rpartition('/')[2]}", status=503)
    assert answering.send()["m"].state == "waiting"
    answering.clock.advance(60)
    assert answering.send()["m"].state == "sent"


def test_message_that_is_gone_is_said_in_words(fediverse: Fediverse, answering: Answering) -> None:
    message = _message(fediverse)
    fediverse.delete(message.rpartition("/")[2])
    answering.emit("m", _answer(message))
    found = answering.send()["m"]
    assert (found.state, "no longer there" in (found.receipt or "")) == ("failed", True)


@pytest.mark.parametrize(
    ("message", "text", "words"),
    [
        ("elders.example/statuses/1", TEXT, "add one for elders.example"),
        (None, "x" * 600, "make it shorter"),
    ],
)
def test_what_cannot_be_posted_is_said_in_words(
    message: str | None, text: str, words: str, fediverse: Fediverse, answering: Answering
) -> None:
    answering.emit("m", _answer(message or _message(fediverse), text))
    found = answering.send()["m"]
    assert (found.state, words in (found.receipt or "")) == ("failed", True)


def test_refused_token_is_said_at_the_trial_and_at_sending(fediverse: Fediverse, tmp_path: Path) -> None:
    toml = _toml(fediverse.url, "nobody")
    trial = try_replier(parse(toml, tmp_path), "care", StillClock(NOON))
    assert "refuses the token" in (trial.trouble or "")
    answering = Answering(tmp_path / "workspace", toml)
    answering.emit("m", _answer(_message(fediverse)))
    found = answering.send()["m"]
    answering.place.close()
    assert (found.state, "refuses the token" in (found.receipt or "")) == ("failed", True)


def test_token_that_may_only_read_is_said_in_words(tmp_path: Path) -> None:
    def script(asked: Asked) -> bytes:
        if asked.method == "POST":
            return answer(403, b'{"error":"This action is outside the authorized scopes"}')
        return answer(200, b'{"id":"1","acct":"ada"}')

    with Scripted(script) as server:
        trial = try_replier(parse(_toml(server.url.replace("localhost", "127.0.0.1")), tmp_path), "care", StillClock(0))
    assert "make one with read and write:statuses" in (trial.trouble or "")


def test_trial_says_as_whom_and_how_much_fits_and_posts_nothing(fediverse: Fediverse, tmp_path: Path) -> None:
    ours = fediverse.call("GET", "accounts/verify_credentials", ALAN)
    trial = try_replier(parse(_toml(fediverse.url, ALAN), tmp_path), "care", StillClock(NOON))
    assert trial.able is not None
    assert (trial.able.account, trial.able.most) == (f"@alan@127.0.0.1:{fediverse.port}", 500)
    after = fediverse.call("GET", "accounts/verify_credentials", ALAN)
    assert after["statuses_count"] == ours["statuses_count"]
