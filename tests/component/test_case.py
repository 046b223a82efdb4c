"""One complaint of five hundred people: one answer, to each once, in their language, and to nobody who wrote since."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gehoor.core.case import PAUSED, Case, CaseReader
from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.member import YOU
from gehoor.core.record import Activity
from gehoor.run.dispatch import Dispatcher
from tests.cast import AGENT, HOPPER
from tests.component.desking import Desking
from tests.component.scripted import Asked, Scripted, answer

TEXTS = {"nl": "Dag {name}, je krijgt je geld terug.", "en": "Hello {name}, you get your money back."}
NL = "Mijn vlucht is vannacht geannuleerd en niemand laat iets weten. Wanneer krijg ik mijn geld terug?"
EN = "My flight was cancelled last night and nobody tells us anything. When do I get my money back?"
FAST = "[desk]\ncase_per_minute = 6000\n"


def _asks(n: int, first: int = 0) -> list[Activity]:
    """Return what as many people ask, each second one in English."""
    return [
        _by(at, HOPPER.says(EN if at % 2 else NL, id=f"{at}", to="a1", after_s=at)) for at in range(first, first + n)
    ]


def _by(at: int, said: Activity) -> Activity:
    """Return a message as one of a person of their own."""
    return msgspec.structs.replace(said, actor=f"p{at}", actor_name=f"Mens {at}", language="en" if at % 2 else "nl")


class Taking:
    """A server that takes answers, and keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []

    def says(self, asked: Asked) -> bytes:
        if asked.method == "GET":
            return answer(200, msgspec.json.encode({"account": {"acct": "iemand"}, "visibility": "public"}))
        self.taken.append(msgspec.json.decode(asked.body))
        return answer(200, msgspec.json.encode({"id": str(900_000 + len(self.taken))}))


class _Many:
    """A desk on which many wait with one complaint, whose topic is 7."""

    def __init__(self, root: Path, toml: str = FAST, url: str = "http://127.0.0.1:9") -> None:
        self.desk = Desking(root, toml, url)
        self.desk.hear(AGENT.says("Wij vliegen weer", id="a1"))

    def hear(self, n: int, first: int = 0) -> None:
        self.desk.hear(*_asks(n, first))
        self.of_topic()

    def of_topic(self) -> None:
        """Put all that waits in topic 7: what `warn.topics` does where it listens."""
        rows = "SELECT seq, 7 FROM conversation_post WHERE direction = 'in'"
        self.desk.stored(f"INSERT OR IGNORE INTO topic_post {rows} RETURNING seq")
        values = "7, 'vlucht geld terug', 'nl', 2, 1, 2, 500, 500.0, NULL, NULL"
        self.desk.stored(f"INSERT OR IGNORE INTO topic VALUES ({values}) RETURNING id")

    def case(self) -> Case:
        found = CaseReader(self.desk.reader, self.desk.desk).case(7, YOU)
        assert found is not None
        return found

    def answer(self, case: Case | None = None, said_by: str = "jan", texts: dict[str, str] | None = None) -> Any:
        case = case or self.case()
        asked = {"case": 7, "texts": TEXTS if texts is None else texts, "as_of": case.as_of, "agent": "Jan"}
        return self.do("answer_case", said_by, conversations=[row.id for row in case.rows], arguments=asked)

    def do(self, act: str, said_by: str = "jan", **more: Any) -> Any:
        return self.desk.do(act, said_by, **({"arguments": {"case": 7}} | more))

    def leave(self) -> None:
        """Let everything that is due leave."""

        async def work() -> None:
            dispatcher = Dispatcher(self.desk.place, self.desk.place.settings)
            while self.desk.stored("SELECT 1 FROM outbox WHERE state = 'waiting' LIMIT 1"):
                await dispatcher.round()
                await dispatcher.finish()

        asyncio.run(work())

    def states(self) -> Counter[str]:
        return Counter(row[0] for row in self.desk.stored("SELECT state FROM desk_reply"))


@pytest.fixture
def many(tmp_path: Path) -> Iterator[_Many]:
    made = _Many(tmp_path / "desk")
    made.hear(6)
    yield made
    made.desk.close()


@pytest.mark.parametrize("n", [40, pytest.param(500, marks=pytest.mark.proof)])
def test_all_get_one_answer_each_once_and_in_their_language(tmp_path: Path, n: int) -> None:
    taking = Taking()
    with Scripted(taking.says) as server:
        many = _Many(tmp_path / "desk", url=server.url)
        many.hear(n)
        told = many.answer()
        assert (told["n"], told["left_out"]) == (n, [])
        many.desk.clock.advance(60)
        many.leave()
        assert many.states() == {"sent": n}
        to = Counter(one["in_reply_to_id"] for one in taking.taken)
        assert (len(to), set(to.values())) == (n, {1})
        wrong = [one for one in taking.taken if ("Hello" in one["status"]) != (int(one["in_reply_to_id"]) % 2 == 1)]
        assert wrong == []
        assert all(f"Mens {one['in_reply_to_id']}," in one["status"] for one in taking.taken)
        many.desk.close()


def test_a_case_is_found_where_five_wait_and_says_who_has_no_answer(many: _Many) -> None:
    found = CaseReader(many.desk.reader, many.desk.desk).cases_in("is:open", YOU)
    assert [(topic.id, n) for topic, n in found] == [(7, 6)]
    many.answer(texts={"nl": "Dag {name}."})
    case = many.case()
    assert case.replies == {"queued": 3}
    assert [row.language for row in case.rows] == ["en", "en", "en"]
    assert {one.why for one in case.left_out} == {"language"}


def test_praise_makes_no_case_and_is_in_none(many: _Many) -> None:
    thanks = [_by(at, HOPPER.says("Fijne vlucht gehad, bedankt.", id=f"{at}", to="a1")) for at in range(20, 26)]
    many.desk.hear(*thanks)
    many.of_topic()
    many.desk.stored("UPDATE topic_post SET topic = 8 WHERE seq > 11 RETURNING seq")
    values = "8, 'fijne vlucht', 'nl', 12, 1, 2, 6, 6.0, NULL, NULL"
    many.desk.stored(f"INSERT INTO topic VALUES ({values}) RETURNING id")
    judged = many.desk.stored("SELECT DISTINCT intent FROM conversation WHERE last_in_seq IN (SELECT seq FROM "
                              "topic_post WHERE topic = 8)")  # fmt: skip
    assert judged == [("praise",)]
    reader = CaseReader(many.desk.reader, many.desk.desk)
    assert [(topic.id, n) for topic, n in reader.cases_in("is:open", YOU)] == [(7, 6)]
    assert many.desk.inbox("case:8") == []


def test_two_agents_answer_a_case_at_once_and_nobody_is_answered_twice(many: _Many) -> None:
    seen = many.case()
    first, second = many.answer(seen), many.answer(seen, "sam")
    assert (first["n"], second["n"]) == (6, 0)
    assert {why for _, why in second["left_out"]} == {"changed"}
    assert many.states() == {"queued": 6}
    assert many.answer(said_by="sam")["n"] == 0  # nor from a page that was loaded since


def test_who_wrote_meanwhile_or_was_answered_by_hand_is_left_out_and_named(many: _Many) -> None:
    seen = many.case()
    wrote, by_hand = seen.rows[0].id, seen.rows[1].id
    many.desk.hear(_also(many, wrote))
    many.desk.answer(by_hand, "Ik bel je.")
    told = many.answer(seen)
    assert told["n"] == 4
    assert dict(told["left_out"]) == {wrote: "changed", by_hand: "changed"}
    assert {one.conversation for one in many.case().left_out} == {wrote, by_hand}


def test_who_writes_while_their_answer_waits_its_turn_is_not_answered_past_it(tmp_path: Path) -> None:
    taking = Taking()
    with Scripted(taking.says) as server:
        many = _Many(tmp_path / "desk", url=server.url)
        many.hear(6)
        many.answer()
        wrote, by_hand = (row[0] for row in many.desk.stored("SELECT conversation FROM desk_reply LIMIT 2"))
        many.desk.hear(_also(many, wrote))
        many.desk.answer(by_hand, "Ik bel je.")
        many.desk.clock.advance(60)
        many.desk.send()
        assert many.states() == {"sent": 5, "taken_back": 2}
        assert len({one["in_reply_to_id"] for one in taking.taken}) == len(taking.taken) == 5
        many.desk.close()


def test_what_comes_after_the_answer_is_shown_as_such_and_not_answered_by_itself(many: _Many) -> None:
    many.answer()
    many.hear(2, first=10)
    case = many.case()
    assert (len(case.rows), case.n_written) == (2, 6)
    assert many.answer()["n"] == 2


def test_all_are_taken_back_until_the_first_left(many: _Many) -> None:
    many.answer()
    assert many.do("take_back_case") == {"n": 6}
    assert many.states() == {"taken_back": 6}
    assert many.desk.stored("SELECT count(*) FROM outbox") == [(0,)]
    many.answer()
    many.desk.stored("UPDATE outbox SET n_tries = 1 WHERE key = (SELECT min(key) FROM outbox) RETURNING key")
    assert many.do("take_back_case")["refused"] == "on_its_way"


def test_what_is_paused_waits_and_goes_on_at_its_pace(tmp_path: Path) -> None:
    many = _Many(tmp_path / "desk", "")
    many.hear(6)
    many.answer()
    moments = [row[0] for row in many.desk.stored("SELECT not_before FROM outbox ORDER BY not_before")]
    now = many.desk.clock.now()
    assert moments == [now + (10 + 2 * place) * SECOND_US for place in range(6)]
    many.do("pause_case")
    assert many.case().is_paused
    assert many.desk.stored("SELECT DISTINCT not_before FROM outbox") == [(PAUSED,)]
    many.do("go_on_case")
    assert [row[0] for row in many.desk.stored("SELECT not_before FROM outbox ORDER BY not_before")] == moments
    many.hear(2, first=10)
    many.answer()
    assert many.case().waits_until == now + 24 * SECOND_US  # behind those that wait already
    many.desk.close()


def test_a_second_pair_of_eyes_lets_all_leave_but_those_who_wrote_since(tmp_path: Path) -> None:
    many = _Many(tmp_path / "desk", "[desk]\napproves = true\n")
    many.hear(6)
    assert many.answer()["state"] == "asked"
    assert many.case().asked_by == "jan"
    with pytest.raises(SettingError, match="Somebody else approves"):
        many.do("approve_case", "jan")
    wrote = many.desk.stored("SELECT conversation FROM desk_reply LIMIT 1")[0][0]
    many.desk.hear(_also(many, wrote))
    assert many.do("approve_case", "sam")["left_out"] == [(wrote, "changed")]
    assert many.states() == {"queued": 5, "taken_back": 1}
    many.desk.close()


def test_an_answer_that_fits_no_channel_or_names_an_order_leaves_nobody_out_unsaid(many: _Many) -> None:
    with pytest.raises(SettingError, match=r"not \{order\}"):
        many.answer(texts={"nl": "Je order {order}."})
    told = many.answer(texts={"nl": "x" * 600, "en": "Sorry, {name}."})
    assert told["n"] == 3
    assert {why for _, why in told["left_out"]} == {"way"}


def _also(many: _Many, conversation: int) -> Activity:
    """Return another message of the person of a conversation, in answer to their own."""
    message = many.desk.open(conversation).messages[0]
    said = HOPPER.says("En mijn koffer? Die is er ook niet.", id=f"more{conversation}", to=message.id, after_s=900)
    return msgspec.structs.replace(said, actor=message.actor, actor_name=message.actor_name)
