"""The forgetting drill: a person in every store under thirty identifiers; all of it exported, then none of it left."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gehoor.core.page import RawPage
from gehoor.core.record import Activity, digest
from gehoor.core.reference import pseudonym
from gehoor.core.settings import load
from gehoor.run.calls import Calls
from gehoor.run.correcting import correct
from gehoor.run.person import act_on_person
from gehoor.run.webhooks import tell_webhooks
from tests.cast import ECHO, FAN, NOON
from tests.component.desking import Desking
from tests.component.keeping import SOURCE, Keeping
from tests.component.test_forget import _stores_with

_WHO = {
    "customer": "kl-7719203", "anon": "anon-7f3e91c2", "anon_2": "anon-55d0aa17", "old_id": "oud-3391827",
    "did": "did:plc:zwartebes7719", "fedi": "https://fedi.example/users/zwartebes7719",
    "mail": "z.bes7719@acme.example", "mail_2": "zwartebes7719@werk.example",
    "phone": "+31612347719", "phone_2": "06 8123 7719", "number": "NL-7719-ZB",
    "name": "Zwaantje Bessenjam", "nick": "zwaantje7719", "street": "Bessenlaan 7719", "postcode": "7719ZB",
    "city": "Bessendam", "iban": "NL91ABNA0417177719", "birthday": "1971-07-19", "company": "Bessenjam en Zoon",
    "coupon": "VOOR-ZWAANTJE-7719", "house_brand": "Zwaantjes Eigen", "product": "gravure-zwaantje-7719",
    "order": "ORD-7719-1", "order_2": "ORD-7719-2", "page": "profiel-zwaantje7719", "tag": "zwaantjewacht7719",
    "link": "https://x.example/zwaantje7719", "text": "mijn zwartebessenkoffer7719", "device": "toestel-zb-7719",
    "event": "Zwaantje Fired 7719",
}  # fmt: skip


_TOLD = """
[webhooks.kantoor]
url = "https://kantoor.example/gehoor"
secret = "een-lang-geheim-van-ons"
events = ["conversation.opened", "message.received"]
"""


def _does(type_: str, id: str, actor: str, **fields: Any) -> Activity:
    return Activity(id=id, type=type_, published=NOON, received=NOON, channel="shop", actor=actor, **fields)  # type: ignore[arg-type]  # as in the record


def _story() -> list[Activity]:
    who = _WHO
    traits = {
        "email": who["mail"], "phone": who["phone"], "customer_number": who["number"], "name": who["name"],
        "accounts": {"bluesky": who["did"]},
        **{name: who[name] for name in ("street", "postcode", "city", "iban", "birthday", "company", "nick", "device")},
    }  # fmt: skip
    order = json.dumps([{"brand": who["house_brand"], "product_id": who["product"]}])
    told = json.dumps({"traits": traits, "anonymousId": who["anon"]})
    also = json.dumps({"context": {"traits": {"email": who["mail_2"], "phone": who["phone_2"]}}})
    return [
        _does("Page", "z1", who["anon"], event=who["page"]),
        _does("Page", "z2", who["anon_2"], event=who["page"]),
        _does("Identify", "z3", who["customer"], actor_name=who["name"], properties=told),
        _does("Alias", "z4", who["customer"], object=who["old_id"], properties="{}"),
        _does("Alias", "z5", who["customer"], object=who["anon_2"], properties="{}"),
        _does("Track", "z6", who["customer"], event="Order Completed", object=who["order"], value=12.5, currency="EUR",
              promotion=who["coupon"], brand=who["house_brand"], lines=order, properties=also),
        _does("Track", "z7", who["old_id"], event=who["event"], object=who["order_2"], product=who["product"]),
        Activity(id="z8", published=NOON, received=NOON, channel="bluesky", actor=who["did"], actor_name=who["nick"],
                 text=f"Waar is {who['text']} gebleven?", tags=(who["tag"],), url=who["link"]),
        Activity(id="z9", published=NOON, received=NOON, channel="mail", visibility="direct", actor=who["mail"],
                 actor_name=who["name"], text=f"Mijn rekening is {who['iban']} en ik ben {who['fedi']}"),
    ]  # fmt: skip


def _replies() -> list[Activity]:
    """Return what others said to her: only by what they refer to does it name her."""
    mail = ECHO.says("Dag, ik lees mee", id="w1", to=f"<20260414.{_WHO['mail_2']}@mailer.example>", after_s=30)
    post = FAN.says("Sterkte ermee", id="f9", to="z8", after_s=31)
    return [
        msgspec.structs.replace(mail, conversation=f"<thema.{_WHO['mail']}>"),
        msgspec.structs.replace(post, quote_of=f"at://{_WHO['did']}/app.bsky.feed.post/3", conversation="z8"),
    ]


@pytest.fixture
def keeping(workspace: Path) -> Keeping:
    """A workspace in which she left traces everywhere, among others."""
    (workspace / "gehoor.toml").write_text("", encoding="utf-8")
    (workspace / "run").mkdir()
    keeping = Keeping(workspace)
    keeping.hear(_story())
    keeping.hear([FAN.says("Top geholpen vandaag"), ECHO.says("Ik weet van niets")])
    keeping.hear(_replies())
    keeping.flush()
    [post] = keeping.posts(actor=_WHO["did"])
    correct(keeping, post.seq, {"sentiment": "negative"})  # type: ignore[arg-type]  # as much of a workplace as it needs
    broken = [
        json.dumps({"id": "r1", "actor": _WHO["customer"], "text": _WHO["text"], "published": "gisteren"}),
        json.dumps({"id": "r2", "mail": _WHO["mail_2"], "published": "gisteren", "text": _WHO["name"]}),
        json.dumps({"id": "r3", "text": "van een ander", "published": "gisteren"}),
    ]
    payload = "\n".join(broken).encode()
    keeping.hear_page(RawPage(source=SOURCE, decoder="plain", payload=payload, received=NOON, cursor=b"2",
                              options={"channel": "shop"}))  # fmt: skip
    keeping.hear(_story()[-2:-1])
    return keeping


def _act(keeping: Keeping, act: str, **arguments: Any) -> Any:
    return act_on_person(keeping, act, arguments)  # type: ignore[arg-type]  # as much of a workplace as it needs


def test_all_that_is_held_of_a_person_is_exported_and_then_none_of_thirty_identifiers_is_left(
    keeping: Keeping, tmp_path: Path
) -> None:
    assert len(_WHO) == 30
    keeping.flush()
    keeping.projector.flush()
    seeded = {name: _stores_with(keeping.root, text) for name, text in _WHO.items()}
    assert all(seeded.values())
    started = time.process_time()
    done = _act(keeping, "export", who={"id": _WHO["mail"]}, path=str(tmp_path / "hers.jsonl"))
    assert time.process_time() - started < 60  # of CPU: a busy machine is no fault of it
    lines = [json.loads(line) for line in (tmp_path / "hers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(lines) == done["n"]
    assert {line["what"] for line in lines} == {"person", "activity", "rejected", "example"}
    exported = (tmp_path / "hers.jsonl").read_text(encoding="utf-8").replace("\\/", "/").lower()
    assert [name for name, text in _WHO.items() if text.lower() not in exported] == []
    assert oct((tmp_path / "hers.jsonl").stat().st_mode)[-3:] == "600"
    _act(keeping, "forget", who={"id": _WHO["mail"]})
    assert {name: left for name, text in _WHO.items() if (left := _stores_with(keeping.root, text))} == {}
    assert [tables for tables in ("person_actor", "person", "person_edge", "person_name", "example")
            if keeping.stored(f"SELECT * FROM {tables}")] == []  # fmt: skip
    keeping.restart()
    keeping.hear([*_story(), *_replies()])
    keeping.flush()
    keeping.projector.rebuild("persons")
    assert {name: left for name, text in _WHO.items() if (left := _stores_with(keeping.root, text))} == {}
    assert len(keeping.posts()) == 4
    [(parent, thread)] = keeping.rows("in_reply_to, conversation", "id = 'f9'")
    assert parent == thread == pseudonym(digest("bluesky", "z8"))
    rejects = [row[0] for segment in keeping.ledger.segments.all for row in segment.query("SELECT raw FROM reject")]
    assert [json.loads(raw)["id"] for raw in rejects] == ["r3"]
    assert keeping.stored("SELECT act FROM audit") == [("export",), ("forget",)]


def test_the_desk_and_the_mirror_hand_over_what_they_hold_of_her_and_keep_none_of_it(tmp_path: Path) -> None:
    desk, spring = Desking(tmp_path / "workspace", _TOLD), "zwartebessenbron7719"
    assert _tell(desk) == 0, "it begins with what happens from now on"
    desk.hear(*_story(), FAN.says("Top geholpen vandaag"), ECHO.says("Ik weet van niets"))
    of_her = f"SELECT DISTINCT conversation FROM conversation_post WHERE actor_key = {digest('mail', _WHO['mail'])}"
    [(first,)] = desk.stored(of_her)
    desk.do("note", conversation=first, text=f"Bel {_WHO['phone']} over {spring}")
    desk.do("draft", conversation=first, text=f"Beste {_WHO['name']}, {spring}")
    desk.do("talk", conversation=first, channel="phone", text=f"{_WHO['name']} belt: {spring}")
    desk.do("label", conversation=first, add=["bessen"])
    with desk.place.projector.engine.begin() as tx:
        tx.exec_driver_sql("INSERT INTO desk_survey VALUES (1, ?, x'00', 1, 2, 5, ?)", (first, spring))
        tx.exec_driver_sql(
            "INSERT INTO outbox VALUES ('survey/1', 'mail', ?, 'waiting', 1, 0, NULL)", (spring.encode(),)
        )
    assert _tell(desk) > 0, "a program waits to be told of her mail"
    held = {name for name in ("desk_note", "desk_reply", "desk_survey", "outbox") if spring in _told(desk, name)}
    assert held == {"desk_note", "desk_reply", "desk_survey", "outbox"}
    calls = Calls(desk.place)
    who, path = {"id": _WHO["mail"]}, tmp_path / "hers.jsonl"
    asyncio.run(calls.handle("person", {"act": "export", "arguments": {"who": who, "path": str(path)}}))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert {"note", "reply", "survey"} <= {line["what"] for line in lines if spring in json.dumps(line)}
    assert any(line.get("channel") == "phone" and spring in line["text"] for line in lines)
    asyncio.run(calls.handle("person", {"act": "forget", "arguments": {"who": who}}))
    names = {**_WHO, "spring": spring}
    assert {name: left for name, text in names.items() if (left := _stores_with(desk.place.root, text))} == {}
    waiting = [row for row in desk.stored("SELECT key FROM outbox") if row[0].startswith("webhook:kantoor:message")]
    assert waiting, "what programs are told names a conversation by number, and nobody in it"
    desk.close()


def _tell(desk: Desking) -> int:
    with desk.place.projector.engine.begin() as tx:
        return tell_webhooks(tx, load(desk.place.root))


def _told(desk: Desking, table: str) -> str:
    return " ".join(
        cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)
        for row in desk.stored(f"SELECT * FROM {table}") for cell in row
    )  # fmt: skip
