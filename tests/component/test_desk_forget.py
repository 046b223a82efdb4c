"""Who is forgotten is so at the desk too: what was said to them, noted of them, and is about to leave."""

from pathlib import Path

from msgspec.structs import replace

from gehoor.core.forget import forget
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.record import digest
from gehoor.core.reference import pseudonym
from gehoor.run.drill.copied import drill_copy
from gehoor.run.drill.scenario import read_scenario
from tests.cast import AGENT, HOPPER, LEAVER, NOON, WORRIED
from tests.component.desking import Desking
from tests.component.test_case import _Many as Many

_MARK = "zwartebessenjam"


def test_nothing_of_her_is_left_at_the_desk_and_others_stay(tmp_path: Path) -> None:
    desk = Desking(tmp_path / "workspace")
    first = WORRIED.says(f"Mijn {_MARK} lekte", id="m1")
    desk.hear(first, AGENT.says("Wij vliegen", id="a1"), HOPPER.says("En mijn geld?", id="h1", to="a1"))
    desk.hear(WORRIED.edits(first, f"Mijn {_MARK} is weg", after_s=9))
    for conversation in (1, 3):
        desk.do("note", conversation=conversation, text=f"{_MARK} hoort bij {conversation}")
        desk.do("draft", conversation=conversation, text=_MARK)
    desk.do("talk", conversation=1, channel="phone", text=f"Zij belt over {_MARK}")
    desk.do("label", conversation=1, add=["jam"])
    forget(desk.place.root, desk.place.projector, "mail", "mail:worried@example.org", NOON + 1)
    tables = ("conversation", "conversation_post", "desk_note", "desk_reply", "desk_survey")
    rows = {name: desk.stored(f"SELECT * FROM {name}") for name in tables}
    assert [row[0] for row in rows["conversation"]] == [3]
    assert [row[0] for row in rows["conversation_post"]] == [2, 3]
    assert [row[4] for row in rows["desk_note"]] == [f"{_MARK} hoort bij 3"]
    assert len(rows["desk_reply"]) == 1
    assert desk.inbox("is:all") == [3]
    assert desk.inbox(_MARK + " is:all") == [3]
    for file in desk.place.root.rglob("segments/*.sqlite*"):
        assert _MARK.encode() not in file.read_bytes()
    desk.close()


def test_a_thread_that_began_with_her_goes_on_where_it_was(tmp_path: Path) -> None:
    desk = Desking(tmp_path / "workspace")
    ask = replace(HOPPER.says("@noordvlucht en mijn geld dan?", id="h1", to="l1"), conversation="l1",
                  mentions=(AGENT.actor,), visibility="direct")  # fmt: skip
    desk.hear(replace(LEAVER.says("Waar blijft het?", id="l1"), channel="mastodon"), ask)
    [home] = desk.inbox("is:all")
    forget(desk.place.root, desk.place.projector, "mastodon", LEAVER.actor, NOON + 1)
    later = replace(
        HOPPER.says("Nog steeds niets", id="h2", to="l1", after_s=60), conversation="l1", visibility="direct"
    )
    desk.hear(later)
    assert desk.inbox("is:all") == [home]
    assert desk.stored(f"SELECT seq FROM conversation_post WHERE conversation = {home}") == [(2,), (4,)]
    stored = "SELECT DISTINCT in_reply_to, conversation FROM activity"
    [(parent, thread)] = [tuple(row) for seg in desk.place.projector.ledger.segments.all for row in seg.query(stored)]
    assert parent == thread == pseudonym(digest("mastodon", "l1"))
    desk.place.projector.rebuild("conversations")
    assert desk.stored(f"SELECT seq FROM conversation_post WHERE conversation = {home}") == [(2,), (4,)]
    desk.close()


def test_answers_that_we_gave_her_are_forgotten_and_those_that_wait_do_not_leave(tmp_path: Path) -> None:
    desk = Desking(tmp_path / "workspace")
    desk.hear(AGENT.says("Wij vliegen", id="a1"), HOPPER.says("En mijn geld?", id="h1", to="a1"))
    desk.hear(AGENT.says(f"Beste Hopper, {_MARK}", id="a2", to="h1", after_s=9))
    assert desk.answer(2)["state"] == "queued"
    forget(desk.place.root, desk.place.projector, HOPPER.channel, HOPPER.actor, NOON + 1)
    assert desk.stored("SELECT count(*) FROM outbox") == [(0,)]
    texts = [
        text for seg in desk.place.projector.ledger.segments.all for (text,) in seg.query("SELECT text FROM activity")
    ]
    assert [text for text in texts if text] == ["Wij vliegen"]
    desk.close()


def test_who_is_forgotten_gets_no_answer_to_all_of_a_case_and_is_named_in_none(tmp_path: Path) -> None:
    many = Many(tmp_path / "desk")
    many.hear(6)
    assert many.answer()["n"] == 6
    place = many.desk.place
    forget(place.root, place.projector, HOPPER.channel, "p3", NOON + 60_000_000)
    many.desk.close()
    assert _files_with(place.root, "Mens 3") == []
    assert _files_with(place.root, "Mens 2") != []


def test_a_copy_in_which_a_drill_is_played_is_said_as_a_backup_is_and_is_gone_when_it_ends(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    desk = Desking(root)
    desk.hear(WORRIED.says(f"Mijn {_MARK} lekte", id="m1"))
    desk.close()
    with drill_copy(root, read_scenario("outage"), 8500) as copy:
        assert [post.text for post in Reader(copy.root).posts(PostFilter(), limit=9)] == [f"Mijn {_MARK} lekte"]
        desk = Desking(root)
        done = forget(root, desk.place.projector, "mail", "mail:worried@example.org", NOON + 1)
        assert done.backups == [str(copy.root.resolve())]
        desk.close()
        assert _files_with(root, _MARK) == []
    assert not copy.root.exists()


def _files_with(root: Path, mark: str) -> list[Path]:
    """Return which files of a workspace hold a mark."""
    return [path for path in root.rglob("*") if path.is_file() and mark.encode() in path.read_bytes()]
