"""Which posts are worth a slow reader's time, and what becomes of its word: surer than before, and never a person's."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from gehoor.core.example import examples_of
from gehoor.core.projector import Projector
from gehoor.core.reread import Reread, write_reread
from gehoor.run.slow_reader import Answer
from gehoor.understand.question import ASKED

__all__ = ["Unsure", "put_answer", "unsure_posts"]

_LOOKED = 5_000
"""Of so many of the newest offsets: what is older no longer is news to anybody."""

_JUDGED = ", ".join(f"{task}, {task}_p" for task in ASKED)
_SAID = (
    f"SELECT seq, text, {_JUDGED} FROM activity WHERE seq > ? AND state = 0 AND type IN ('Create', 'Update')"
    " AND direction = 'in' AND text IS NOT NULL AND duplicate_of IS NULL AND spam IS NULL AND NOT is_backfill"
)
_URGENT = {"critical": 4, "high": 2}
_WISHES = ("complaint", "help", "leaving")


class Unsure(NamedTuple):
    """A post that matters and of which a head is not sure."""

    seq: int
    text: str
    worth: int
    p: float


def unsure_posts(projector: Projector, below_p: float, known: Collection[int], limit: int) -> list[Unsure]:
    """Return the newest posts that matter and were judged below `below_p`, the most pressing first.

    Cost: about 10 ms. Between two commits.
    """
    after = projector.ledger.last_seq - _LOOKED
    rows = [row for segment in projector.ledger.segments.all[-2:] for row in segment.query(_SAID, (after,))]
    found = []
    for seq, text, *judged in rows:
        said = _judged(judged)
        p = min((p for _, p in said.values() if p is not None), default=1.0)
        if (worth := _worth(said)) and p < below_p and seq not in known:
            found.append(Unsure(seq, text, worth, p))
    return sorted(found, key=lambda one: (-one.worth, one.p, -one.seq))[:limit]


def put_answer(projector: Projector, seq: int, answer: Answer, about: tuple[str, float, int]) -> bool:
    """Let an answer take the place of what was less sure; return whether it changed anything. Between two commits.

    Parameters
    ----------
    about : tuple of str, float, int
        Name of the reader; below which probability its word counts; the moment.
    """
    rows = projector.ledger.segments.select(f"seq, state, {_JUDGED}", [seq])
    if not rows or rows[0][1]:  # it was edited or deleted while it was read
        return False
    now = _judged(rows[0][2:])
    with projector.engine.begin() as tx:
        by_person = {task for task, one in examples_of(tx, seq).items() if one.value is not None}
        after = _surer(now, answer.said, about[1], by_person)
        for task in answer.said.keys() & now.keys() - by_person:
            word, p = answer.said[task]
            before, before_p = now[task]
            write_reread(
                tx,
                Reread(
                    seq=seq, task=task, value=word, p=p, before=before, before_p=before_p,
                    model=about[0], is_used=task in after, at=about[2],
                ),
            )  # fmt: skip
    if not after:
        return False
    old = {name: value for task in after for name, value in zip((task, f"{task}_p"), now[task], strict=True)}
    new = {name: value for task, pair in after.items() for name, value in zip((task, f"{task}_p"), pair, strict=True)}
    projector.take(projector.ledger.change([(seq, "annotate", old, new)]))
    return True


_Pair = tuple[str | None, float | None]


def _surer(
    now: Mapping[str, _Pair], said: Mapping[str, tuple[str, float]], below_p: float, by_person: Collection[str]
) -> dict[str, _Pair]:
    """Return what takes another's place: where a head was unsure, the reader is surer, and no person spoke."""
    after: dict[str, _Pair] = {}
    for task, (word, p) in said.items():
        p_now = now[task][1]
        if task not in by_person and p_now is not None and p_now < min(below_p, p):
            after[task] = (word or None, p)
    return _with_fitting_need(now, after, said) if "need" not in by_person else after


def _with_fitting_need(
    now: Mapping[str, _Pair], after: dict[str, _Pair], said: Mapping[str, tuple[str, float]]
) -> dict[str, _Pair]:
    """Let the need follow the wish: there is one where something is wished, and none where nothing is."""
    wish = (after.get("intent") or now["intent"])[0]
    need, p = after.get("need") or now["need"]
    if p is not None and (need is None) != (wish == "other"):
        word, p_said = said.get("need", ("", p))
        after["need"] = (None, p) if wish == "other" else (word or "general", p_said)
    return after


def _judged(values: Any) -> dict[str, _Pair]:
    return {task: (values[2 * number], values[2 * number + 1]) for number, task in enumerate(ASKED)}


def _worth(said: Mapping[str, _Pair]) -> int:
    urgent = _URGENT.get(said["urgency"][0] or "", 0)
    return urgent + (said["intent"][0] in _WISHES) + (said["actionability"][0] == "answer")
