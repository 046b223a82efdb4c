"""Answers by mail, over a real SMTP server and kept in a real mailbox: in the thread, once, and found after a crash."""

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.smtp import AuthResult

from gehoor.core.clock import StillClock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.message import Delivery
from gehoor.core.page import RawPage
from gehoor.core.record import Activity
from gehoor.core.reply import Able, Reply
from gehoor.listen.imap import Mailbox
from gehoor.listen.mail_decoder import MailDecoder
from gehoor.listen.mail_reply import MailReplier, MailReplyOptions, answer_of
from gehoor.listen.smtp_line import wire_of
from tests.cast import NOON
from tests.component.dovecot import PASSWORD, Dovecot
from tests.component.post_office import Postbox, post_office
from tests.component.replying import Answering, answer_to

HELP = "Acme <help@acme.example>"
DRAFT = b"\\Draft"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot() as dovecot:
        yield dovecot


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mailbox of the test's own."""
    return str(request.node.name)[:60]


def told(server: Dovecot | None, user: str, port: int) -> MailReplyOptions:
    known: dict[str, Any] = {"host": "127.0.0.1", "port": port, "security": "none", "sender": HELP}
    if server is not None:
        login = {"host": "127.0.0.1", "port": server.port, "security": "none", "user": user, "password": PASSWORD}
        known["mailbox"] = login
    return msgspec.convert(known, MailReplyOptions)


def replier(server: Dovecot | None, user: str, port: int) -> MailReplier:
    return MailReplier("care", told(server, user, port), StillClock(NOON))


def answer(text: str = "We hebben hem gevonden.", **more: Any) -> Reply:
    known = {"channel": "mail", "to_actor": "an@elders.example", "to_name": "An", "title": "Koffer", "language": "nl"}
    return answer_to("<1@elders.example>", text, **(known | {"before": ["<0@elders.example>"]} | more))


def kept(server: Dovecot, user: str, number: str | None) -> list[bool]:
    """Tell for each mail of that number in the folder of sent mail whether it is a draft."""
    options = told(server, user, 25).mailbox
    assert options is not None and number is not None
    box = Mailbox(options)
    box.open()
    try:
        return [DRAFT in flags for flags in box.find("Sent", number).values()]
    finally:
        box.cut()


def send(part: MailReplier, reply: Reply, key: str = "k1") -> Delivery:
    return asyncio.run(part.reply(reply, key))


def find(part: MailReplier, reply: Reply, key: str = "k1") -> Delivery | None:
    return asyncio.run(part.find(reply, key))


def test_answer_stands_in_the_thread_and_is_a_persons(server: Dovecot, user: str) -> None:
    postbox = Postbox()
    with post_office(postbox) as port:
        delivery = send(replier(server, user, port), answer(title="Re: Koffer kwijt – alweer"))
    (letter,) = postbox.letters
    assert (letter["subject"], letter["from"], letter["to"]) == (
        "Re: Koffer kwijt – alweer", HELP, "An <an@elders.example>",
    )  # fmt: skip
    assert (letter["in-reply-to"], letter["references"]) == (
        "<1@elders.example>", "<0@elders.example> <1@elders.example>",
    )  # fmt: skip
    assert letter["auto-submitted"] is None
    assert letter.get_content().strip() == "We hebben hem gevonden."
    assert delivery.state == "sent"
    assert delivery.id == letter["message-id"]
    assert kept(server, user, delivery.id) == [False]


def test_answer_that_was_sent_is_found_and_never_sent_again(server: Dovecot, user: str) -> None:
    postbox = Postbox()
    with post_office(postbox) as port:
        part = replier(server, user, port)
        first = send(part, answer())
        found = find(part, answer())
        again = send(part, answer())
    assert found is not None
    assert (found.state, found.id, again.id) == ("sent", first.id, first.id)
    assert len(postbox.letters) == 1
    assert find(part, answer(), "another key") is None


def test_line_that_breaks_before_the_answer_leaves_a_draft_and_nobody_can_tell(server: Dovecot, user: str) -> None:
    with post_office(Postbox(cuts=True)) as port:
        part = replier(server, user, port)
        delivery = send(part, answer())
        found = find(part, answer())
    assert delivery.state == "unknown"
    assert found is not None
    assert found.state == "unknown"
    assert kept(server, user, delivery.id) == [True]


def test_answer_that_is_refused_leaves_nothing_behind(server: Dovecot, user: str) -> None:
    with post_office(Postbox(refuses="elders")) as port:
        part = replier(server, user, port)
        with pytest.raises(SettingError, match="refuses every address"):
            send(part, answer())
        assert find(part, answer()) is None


def test_server_that_is_away_takes_nothing_and_leaves_nothing_behind(server: Dovecot, user: str) -> None:
    part = replier(server, user, 1)
    with pytest.raises(TransientError, match="does not take our mail now"):
        send(part, answer())
    assert find(part, answer()) is None


def test_without_a_mailbox_nobody_can_look_it_up(user: str) -> None:
    postbox = Postbox()
    with post_office(postbox) as port:
        part = replier(None, user, port)
        assert send(part, answer()).state == "sent"
        found = find(part, answer())
    assert found is not None
    assert found.state == "unknown"


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        ("no-reply@shop.example", "Nobody reads"),
        ("MAILER-DAEMON@mx.example", "Nobody reads"),
        ("bounce-17@list.example", "Nobody reads"),
        ("koffers-request@list.example", "Nobody reads"),
        (None, "names no mail address"),
        ("an@elders.example, bob@elders.example", "names no mail address"),
        ("an@elders.example\r\nBcc: bob@elders.example", "names no mail address"),
        ("één@elders.example", "do not take"),
    ],
)
def test_who_cannot_be_answered_is_refused(actor: str | None, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        answer_of(answer(to_actor=actor), "k", HELP)


def test_machine_is_never_answered(server: Dovecot, user: str) -> None:
    postbox = Postbox()
    head = b"From: an@elders.example\r\nMessage-ID: <1@elders.example>\r\nSubject: Afwezig\r\n"
    server.deliver(head + b"Auto-Submitted: auto-replied\r\n\r\nIk ben er maandag weer.\r\n", user)
    with post_office(postbox) as port, pytest.raises(SettingError, match="A machine sent that mail"):
        send(replier(server, user, port), answer())
    assert postbox.letters == []


def test_hostile_words_begin_no_line_in_the_headers() -> None:
    hostile = "Koffer\r\nBcc: allen@elders.example\r\n\r\n<script>"
    reply = answer(
        title=hostile, to_name=hostile, to="<1@x>\r\nBcc: b@x.example", before=[hostile], language="nl\r\nX: y"
    )
    wire = wire_of(answer_of(reply, "k\r\nBcc: c@x.example", HELP))
    head = wire.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    assert sorted(names) == sorted(
        [
            b"subject",
            b"from",
            b"to",
            b"date",
            b"message-id",
            b"content-type",
            b"content-transfer-encoding",
            b"mime-version",
        ]
    )


def test_every_sign_arrives_and_the_line_carries_plain_ascii() -> None:
    text = "Dag Renée 👋\n.\nFrom de trein:\n" + "heel lang " * 400
    wire = wire_of(answer_of(answer(text, title="Één koffer 🧳 " + "lang " * 60, to_name="Renée, ‘de’ 1e"), "k", HELP))
    assert wire.isascii()
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    activity = _heard(wire)
    assert activity.text == text.strip()
    properties = json.loads(activity.properties or "")
    assert properties["subject"] == ("Re: Één koffer 🧳 " + "lang " * 60).strip()
    assert properties["to"] == ["an@elders.example"]


def _heard(wire: bytes) -> Activity:
    page = RawPage(source="desk", decoder="mail", payload=wire, received=NOON, options={"ours": ["help@acme.example"]})
    (activity,) = MailDecoder().decode(page).activities
    return activity


def test_our_answer_is_heard_as_ours_in_its_conversation() -> None:
    activity = _heard(wire_of(answer_of(answer(), "k", HELP)))
    assert (activity.direction, activity.conversation, activity.in_reply_to) == (
        "out", "<0@elders.example>", "<1@elders.example>",
    )  # fmt: skip


class Tokens(Postbox):
    """A mail server that wants an access token."""

    async def auth_XOAUTH2(self, server: Any, words: list[str]) -> AuthResult:  # noqa: N802  # aiosmtpd's name for it
        """Look at the token, which comes with the command."""
        told = base64.b64decode(words[1])
        return AuthResult(success=told == b"user=help@acme.example\x01auth=Bearer ya29.goed\x01\x01", handled=False)


def test_server_that_wants_a_token_gets_one(user: str) -> None:
    postbox = Tokens()

    async def send(token: str) -> Delivery:
        told_so = told(None, user, port)
        options = msgspec.structs.replace(told_so, user="help@acme.example", password=token, login="xoauth2")
        return await MailReplier("care", options, StillClock(NOON)).reply(answer(), "k")

    with post_office(postbox, auth_require_tls=False) as port:
        assert asyncio.run(send("ya29.goed")).state == "sent"
        with pytest.raises(TransientError, match="refuses our token") as caught:
            asyncio.run(send("ya29.oud"))
    assert "ya29" not in str(caught.value)
    assert len(postbox.letters) == 1


def test_it_says_as_whom_it_answers_and_what_is_wrong(server: Dovecot, user: str) -> None:
    with post_office(Postbox()) as port:
        assert asyncio.run(replier(server, user, port).check()) == Able(account="help@acme.example")
    with pytest.raises(TransientError):
        asyncio.run(replier(server, user, 1).check())


def test_after_a_crash_what_was_sent_is_not_sent_again(server: Dovecot, user: str, tmp_path: Path) -> None:
    postbox = Postbox()
    with post_office(postbox) as port:
        desk = Answering(tmp_path / "w", _toml(server, user, port))
        desk.emit("k1", answer())
        assert desk.send()["k1"].state == "sent"
        desk.emit("k2", answer("Een tweede."))
        desk.crash("k2")
        assert desk.send(3)["k2"].state == "sent"  # it was not there, so it is sent
    assert [letter.get_content().strip() for letter in postbox.letters] == ["We hebben hem gevonden.", "Een tweede."]


def test_after_a_crash_in_between_a_person_decides(server: Dovecot, user: str, tmp_path: Path) -> None:
    with post_office(Postbox(cuts=True)) as port:
        desk = Answering(tmp_path / "w", _toml(server, user, port))
        desk.emit("k1", answer())
        assert desk.send(3)["k1"].state == "unknown"


def _toml(server: Dovecot, user: str, port: int) -> str:
    return f"""
[repliers.care]
type = "mail-reply"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "{HELP}"

[repliers.care.mailbox]
host = "127.0.0.1"
port = {server.port}
security = "none"
user = "{user}"
password = "{PASSWORD}"
"""
