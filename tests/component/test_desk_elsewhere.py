"""Where an answer by mail goes: to who wrote that message; elsewhere only where it asks for that and one says so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gehoor.core.errors import SettingError
from gehoor.core.reply import Reply
from gehoor.listen.mail_reply import answer_of
from tests.cast import WORRIED
from tests.component.desking import Desking

MAILER = '[repliers.post]\ntype = "mail-reply"\nhost = "127.0.0.1"\nsender = "help@acme.example"\n'
HOME = "an@thuis.example"


def _mail(id_: str, actor: str, reply_to: list[str] | None = None) -> Any:
    properties = msgspec.json.encode({"subject": "Koffer", "reply_to": reply_to or []}).decode()
    said = WORRIED.says(f"Waar is mijn koffer {id_}", id=f"<{id_}@mail.example>")
    return msgspec.structs.replace(said, channel="mail", visibility="direct", actor=actor, properties=properties)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desking]:
    desk = Desking(tmp_path / "workspace", MAILER)
    desk.hear(_mail("1", "an@werk.example", [HOME]), _mail("2", "bo@elders.example"))
    yield desk
    desk.close()


def _leaving(desk: Desking) -> list[str]:
    """Return to whom each answer that waits in the outbox goes."""
    rows = desk.stored("SELECT payload FROM outbox ORDER BY rowid")
    replies = [msgspec.json.decode(row[0], type=Reply) for row in rows]
    return [answer_of(reply, "k", "help@acme.example")["To"].addresses[0].addr_spec for reply in replies]


def test_an_answer_goes_to_who_wrote_it_whatever_reply_to_says(desk: Desking) -> None:
    desk.answer(1)
    assert _leaving(desk) == ["an@werk.example"]


def test_it_goes_where_the_message_asks_when_somebody_chooses_that(desk: Desking) -> None:
    desk.answer(1, is_elsewhere=True)
    assert _leaving(desk) == [HOME]
    with pytest.raises(SettingError, match="asked for no other address"):
        desk.answer(2, is_elsewhere=True)


def test_putting_conversations_together_moves_no_answer_to_another_address(desk: Desking) -> None:
    desk.do("merge", conversation=2, other=1)
    home = desk.open(2).id
    seen = desk.seen(home)
    desk.answer(home, to_seq=2, seen=seen)
    assert _leaving(desk) == ["bo@elders.example"]
    with pytest.raises(SettingError, match="asked for no other address"):
        desk.answer(home, to_seq=2, is_elsewhere=True)


def test_who_approves_lets_it_go_where_it_was_written_for(tmp_path: Path) -> None:
    desk = Desking(tmp_path / "eyes", "[desk]\napproves = true\n" + MAILER)
    desk.hear(_mail("1", "an@werk.example", [HOME]))
    asked = desk.answer(1, is_elsewhere=True)
    desk.do("approve", "sam", conversation=1, key=asked["key"])
    assert _leaving(desk) == [HOME]
    desk.close()


@pytest.mark.parametrize(
    "asked",
    [
        ["een@thuis.example", "twee@thuis.example"],
        ["an@thuis.example\r\nBcc: allen@elders.example"],
        ["an@thuis.example, bo@thuis.example"],
        ["geen adres"],
    ],
)
def test_what_is_no_single_address_is_never_offered(tmp_path: Path, asked: list[str]) -> None:
    desk = Desking(tmp_path / "hostile", MAILER)
    desk.hear(_mail("1", "an@werk.example", asked))
    with pytest.raises(SettingError, match="asked for no other address"):
        desk.answer(1, is_elsewhere=True)
    desk.close()
