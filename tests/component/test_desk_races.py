"""Two agents answer the same conversations at the same moment: none is answered twice, and none is lost."""

import asyncio
from pathlib import Path
from typing import Any

from gehoor.core.clock import SystemClock
from gehoor.core.desk_reader import DeskReader
from gehoor.core.member import YOU
from gehoor.run.control import Control
from tests.cast import AGENT, HOPPER
from tests.component.desking import BRAND, REPLIER
from tests.component.keeping import page_of
from tests.component.whole import Whole, wait_for

_N = 500
_TOML = BRAND + REPLIER.format(url="http://127.0.0.1:9", token="t")


def test_a_thousand_simultaneous_answers_leave_each_conversation_with_one(tmp_path: Path) -> None:
    said = [HOPPER.says(f"Waar blijft koffer {n}?", id=f"h{n}", to="a1", after_s=n) for n in range(_N)]
    own = [_of_a_person(n, post) for n, post in enumerate(said)]
    with Whole(tmp_path / "workspace", _TOML) as gehoor:
        page = page_of([AGENT.says("Wij vliegen weer", id="a1"), *own])
        asyncio.run(_hear(gehoor.root, page))
        desk = DeskReader(gehoor.reader, SystemClock())
        wait_for("all stand at the desk", lambda: desk.counts({"all": "is:all"}, YOU)["all"] == _N)
        rows = desk.inbox("is:all", YOU, _N).rows
        answers = asyncio.run(_answer(gehoor.root, [(row.id, row.seen.last_seq, row.seen.version) for row in rows]))
        queued = [one for one in answers if one.get("state") == "queued"]
        assert (len(answers), len(queued)) == (2 * _N, _N)
        assert all(one["refused"] == "conversation_changed" for one in answers if one not in queued)
        assert len({one["key"] for one in queued}) == _N
        assert len(gehoor.reader.entries("reply/", 2 * _N)) == _N


def _of_a_person(n: int, post: Any) -> Any:
    """Return the post as one of a person of their own."""
    return type(post)(**{name: getattr(post, name) for name in post.__struct_fields__} | {"actor": f"p{n}"})


async def _hear(root: Path, page: Any) -> None:
    fields = {name: getattr(page, name) for name in page.__struct_fields__}
    await Control(root).call("hear", page=fields)


async def _answer(root: Path, seen: list[tuple[int, int, int]]) -> list[dict[str, Any]]:
    """Let two agents, each by a line of their own, answer all conversations at once."""
    agents = [(name, [Control(root) for _ in range(8)]) for name in ("jan", "sam")]

    async def one(control: Control, who: str, part: list[tuple[int, int, int]]) -> list[dict[str, Any]]:
        done = []
        for id_, last_seq, version in part:
            asked = {"said_by": who, "conversation": id_, "to_seq": last_seq, "text": f"Hier is {id_}, van {who}",
                     "seen": {"last_seq": last_seq, "version": version}}  # fmt: skip
            done.append(await control.call("desk", act="reply", arguments=asked))
        return done

    work = [one(line, who, seen[at::8]) for who, lines in agents for at, line in enumerate(lines)]
    return [answer for part in await asyncio.gather(*work) for answer in part]
