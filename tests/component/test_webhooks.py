"""Webhooks out: a real program on loopback is told what happens at the desk, signed, once, and from then on."""

import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from gehoor.core.errors import SettingError
from gehoor.core.settings import parse
from tests.cast import LOYAL, WORRIED
from tests.component.desking import Desking
from tests.component.test_senders import SECRET, Hook

HOOK = """
[webhooks.crm]
url = "{url}"
secret = "{secret}"
events = ["conversation.opened", "conversation.assigned", "conversation.resolved",
  "message.received", "satisfaction.given"]
allow_private = {private}
"""


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def told(tmp_path: Path, hook: Hook) -> Iterator[Desking]:
    with hook.serving() as url:
        made = Desking(tmp_path / "workspace", HOOK.format(url=url, secret=SECRET, private="true"))
        made.hear(LOYAL.says("@noordvlucht Oud nieuws, help mij", id="q0", after_s=-90))
        made.send()  # who subscribes is told from now on
        yield made
        made.close()


def _types(hook: Hook) -> list[str]:
    return [msgspec.json.decode(body)["type"] for _, body in hook.seen]


def test_what_happens_is_told_once_in_cloudevents_that_are_signed(told: Desking, hook: Hook) -> None:
    assert hook.seen == []
    told.hear(WORRIED.says("@noordvlucht Waar is mijn koffer? Help mij", id="q1"))
    [conversation] = [one for one in told.inbox("is:open") if one > 1]
    told.do("take", conversation=conversation)
    told.do("status", conversation=conversation, status="resolved")
    told.send()
    told.send()
    assert sorted(_types(hook)) == [
        "gehoor.conversation.assigned", "gehoor.conversation.opened", "gehoor.conversation.resolved",
        "gehoor.message.received",
    ]  # fmt: skip
    for headers, body in hook.seen:
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        event = msgspec.json.decode(body)
        assert (event["specversion"], event["subject"]) == ("1.0", f"conversation/{conversation}")
        assert event["data"]["conversation"] == conversation
        assert b"koffer" not in body


def test_what_is_refused_is_sent_again_under_the_same_id(told: Desking, hook: Hook) -> None:
    hook.answers = [503, 503]
    told.hear(WORRIED.says("@noordvlucht Waar is mijn koffer? Help mij", id="q1"))
    told.send()
    for _ in range(3):
        told.clock.advance(700.0)
        told.send()
    times = Counter(headers["webhook-id"] for headers, _ in hook.seen)
    assert sorted(times.values()) == [2, 2]


def test_satisfaction_is_told_with_its_score(told: Desking, hook: Hook) -> None:
    sql = (
        "INSERT INTO desk_survey (conversation, token, asked_at, answered_at, score, words) "
        "VALUES (1, x'00', 1, 2, 4, 'Fijn geholpen')"
    )
    with told.place.projector.engine.begin() as tx:
        tx.exec_driver_sql(sql)
    told.send()
    [(_, body)] = hook.seen
    assert (msgspec.json.decode(body)["data"]["score"], b"Fijn" in body) == (4, False)


def test_a_private_address_is_not_called(tmp_path: Path, hook: Hook) -> None:
    with hook.serving() as url:
        desk = Desking(tmp_path / "workspace", HOOK.format(url=url, secret=SECRET, private="false"))
        desk.hear(LOYAL.says("@noordvlucht Oud nieuws, help mij", id="q0", after_s=-90))
        desk.send()
        desk.hear(WORRIED.says("@noordvlucht Waar is mijn koffer? Help mij", id="q1"))
        desk.send()
        assert hook.seen == []
        [receipt, *_] = desk.stored("SELECT receipt FROM outbox WHERE channel = 'webhook/crm'")
        assert "is no public address" in receipt[0]
        desk.close()


def test_an_event_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    text = HOOK.format(url="https://crm.example/hook", secret=SECRET, private="false")
    assert parse(text, tmp_path).webhooks["crm"].events[0] == "conversation.opened"
    with pytest.raises(SettingError, match=r"line 5.*events"):
        parse(text.replace("conversation.opened", "conversation.loved"), tmp_path)
