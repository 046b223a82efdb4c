"""What is offered to answer with, from a real ledger; and answers that somebody else looks at first."""

from pathlib import Path

import msgspec
import pytest
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.desk_reader import DeskReader
from gehoor.core.errors import SettingError
from gehoor.core.member import YOU, Member
from gehoor.run.desk_drafts import drafts_for, fill
from gehoor.web.app import app_of
from tests.cast import AGENT, CRITIC, HOPPER, STRANGER
from tests.component.awaiting import desk_of, said, waiting
from tests.component.desking import Desking

ASKED = "Waar blijft mijn koffer? Ik wacht al drie dagen op antwoord."
AGAIN = "Mijn koffer blijft weg, waar is hij? Ik wacht al dagen op antwoord."
ANSWER = (
    "Beste mevrouw Bakker, vervelend dat je op je koffer wacht. Stuur ons je bagagelabel, dan zoeken we hem op. "
    "Bel anders 06 12345678. Groet, Sam"
)


@pytest.fixture
def desk(tmp_path: Path) -> "Desking":
    desk = Desking(tmp_path / "workspace")
    desk.hear(
        CRITIC.says(f"@noordvlucht {ASKED}", id="w1", after_s=-9_000),
        AGENT.says(ANSWER, id="a1", to="w1", after_s=-8_000),
        HOPPER.says(f"@noordvlucht {AGAIN}", id="h1", after_s=-60),
    )
    return desk


def _drafts(desk: Desking, conversation: int = 3, member: Member = YOU) -> list[str]:
    found = desk.open(conversation)
    return [
        fill(one, found, member) for one in drafts_for(desk.reader, DeskReader(desk.reader, desk.clock), found, member)
    ]


def test_an_earlier_answer_is_offered_without_what_was_somebody_elses(desk: Desking) -> None:
    (text,) = _drafts(desk)
    assert "bagagelabel" in text
    assert not [word for word in ("Bakker", "12345678", "Sam") if word in text]
    desk.close()


def test_what_another_team_answered_is_no_source(desk: Desking) -> None:
    desk.do("team", conversation=1, team="refunds")
    other = Member(id="a1", name="Jan", roles=("agent",), team="baggage")
    assert (len(_drafts(desk)), _drafts(desk, member=other)) == (1, [])
    desk.close()


def test_what_made_somebody_complain_is_not_offered(desk: Desking) -> None:
    desk.hear(
        CRITIC.says("Wat een waardeloos antwoord, ik ben woedend. Schandalig slecht.", id="w2", to="a1", after_s=-90)
    )
    assert _drafts(desk) == []
    desk.close()


def test_nothing_is_offered_for_a_question_like_no_other(desk: Desking) -> None:
    desk.hear(STRANGER.says("@noordvlucht Zijn jullie stoelen van leer?", id="c1"))
    assert _drafts(desk, 4) == []
    desk.close()


def test_a_canned_reply_for_the_need_is_offered_in_the_language_of_who_asks(desk: Desking) -> None:
    desk.do("need", conversation=3, need="delivery")
    for language, text in (
        ("nl", "Dag {name}, we gaan je koffer nu zoeken."),
        ("en", "Hi {name}, we look for it now."),
    ):
        desk.do("snippet", name="koffer", language=language, need="delivery", text=text)
    offered = _drafts(desk)
    assert any("we gaan je koffer nu zoeken" in one for one in offered)
    assert not any("look for it" in one for one in offered)
    desk.close()


def test_one_channel_of_four_eyes_is_checked_and_another_is_not(tmp_path: Path) -> None:
    desk = Desking(tmp_path / "workspace", '[desk]\nfour_eyes = ["mastodon"]\n')
    desk.hear(AGENT.says("Wij vliegen weer", id="a1"), HOPPER.says("En mijn geld dan?", id="h1", to="a1"))
    assert desk.row(2).channel == "mastodon"
    assert desk.answer(2)["state"] == "asked"
    desk.close()


def test_an_answer_is_handed_back_with_a_note_by_somebody_else_only(tmp_path: Path) -> None:
    desk = Desking(tmp_path / "workspace", "[desk]\napproves = true\n")
    desk.hear(AGENT.says("Wij vliegen weer", id="a1"), HOPPER.says("En mijn geld dan?", id="h1", to="a1"))
    key = desk.answer(2)["key"]
    with pytest.raises(SettingError, match="your own"):
        desk.do("decline", conversation=2, key=key, text="Nee")
    with pytest.raises(SettingError, match="Say why"):
        desk.do("decline", "sam", conversation=2, key=key)
    desk.do("decline", "sam", conversation=2, key=key, text="Noem het bedrag.")
    found = desk.open(2)
    assert [(one.state, one.text) for one in found.replies] == [("taken_back", "We zoeken het uit.")]
    assert [(one.said_by, one.text, one.mentions) for one in found.notes] == [("sam", "Noem het bedrag.", ("jan",))]
    assert desk.stored("SELECT count(*) FROM outbox") == [(0,)]
    desk.close()


def test_the_page_offers_canned_replies_and_keeps_a_blank_from_leaving(tmp_path: Path, clock: StillClock) -> None:
    with waiting(tmp_path) as (hearing, owner):
        row = msgspec.structs.asdict(_row(hearing))
        said(owner, "snippet", name="koffer", language=row["language"], need=row["need"],
             text="Dag {name}, we zoeken order {order} nu meteen op.")  # fmt: skip
        with TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as pages:
            pages.headers.update({"Accept-Language": "en", "Origin": "http://localhost"})
            html = pages.get("/inbox/1/drafts").text
            assert "<mark>[…]</mark>" in html
            assert "canned reply koffer" in html
            seen = f"{row['seen'].last_seq}.{row['seen'].version}"
            html = pages.post("/inbox/1/reply", data={"text": "Order […] komt.", "to": "1", "seen": seen}).text
            assert "Fill that in first" in html
            pages.post("/inbox/1/reply", data={"text": "Hij komt.", "to": "1", "seen": seen, "from": "s1"})
        found = desk_of(hearing).conversation(1, YOU)
        assert found is not None
        assert [(one.text, one.drafted_from) for one in found.replies] == [("Hij komt.", ("s1",))]


def _row(hearing: object) -> msgspec.Struct:
    found = desk_of(hearing).conversation(1, YOU)  # type: ignore[arg-type]  # as `waiting` gives it
    assert found is not None
    assert found.row is not None
    return found.row
