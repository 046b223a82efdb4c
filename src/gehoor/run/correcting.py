"""What people say of posts, taken in: it counts at once, and stays as an example to learn from and to measure by."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from gehoor.core.draw import is_drawn
from gehoor.core.errors import SettingError
from gehoor.core.example import (
    Example,
    Origin,
    examples_of,
    judged_apart,
    take_example,
    write_example,
)
from gehoor.core.judgement import JUDGEMENTS, check_judgement
from gehoor.core.ledger.delta import Change
from gehoor.core.record import kind_of
from gehoor.core.refit import version_at
from gehoor.core.reread import models_of
from gehoor.run.campaign import judge_others, judge_others_back
from gehoor.run.workplace import Workplace

__all__ = ["answer", "correct", "skip", "take_back", "unsay"]

_FACTS = ("seq", "state", "type", "direction", "received", "actor_key", "language", "channel", "text")

Row = dict[str, Any]


def correct(place: Workplace, seq: int, answers: Mapping[str, str], origin: Origin = "correction") -> int:
    """Put a person's judgements on a post, each an example; return the offset. Between two commits.

    Raises
    ------
    SettingError
        The post is gone, or one of the answers is no judgement.
    """
    for task, value in answers.items():
        check_judgement(task, value)
    row = _row(place, seq, answers)
    with place.projector.engine.begin() as tx:
        known = examples_of(tx, seq)
        for task, value in answers.items():
            write_example(tx, _example(place, tx, row, known.get(task), (task, value, origin)))
    return _annotate(place, row, {task: (value or None, None) for task, value in answers.items()})


def take_back(place: Workplace, seq: int, answers: Mapping[str, str]) -> int:
    """Take a person's judgements back: what they were before returns.

    Where that is what a head had said, so does its probability, and there is no example any more.
    """
    row, now = _row(place, seq, answers), {}
    with place.projector.engine.begin() as tx:
        known = examples_of(tx, seq)
        for task, value in answers.items():
            if (old := known.get(task)) is None:  # it was taken back before
                continue
            if _is_same(task, value, old.before):
                take_example(tx, seq, task)
                now[task] = (old.before, old.before_p)
                continue
            check_judgement(task, value)
            write_example(tx, _example(place, tx, row, old, (task, value, old.origin)))
            now[task] = (value or None, None)
    return _annotate(place, row, now)


def answer(place: Workplace, seq: int, answers: Mapping[str, str], origin: Origin) -> int:
    """Take in the answers of the queue; a post counts as drawn by chance only if chance does draw it."""
    first, last = place.projector.ledger.segments.all[0].first_seq, place.projector.ledger.last_seq
    if origin == "random" and not is_drawn(seq, first, last):
        raise SettingError(f"Post {seq} was not drawn: who chooses what is measured measures nothing.")
    return correct(place, seq, answers, origin)


def skip(place: Workplace, seq: int, tasks: list[str], origin: Origin) -> bool:
    """Note that a post was shown and nothing was said of it: it is not shown again."""
    row = _row(place, seq, tasks)
    with place.projector.engine.begin() as tx:
        known = examples_of(tx, seq)
        for task in tasks:
            if task not in known:
                shown = _example(place, tx, row, None, (task, None, origin))
                write_example(tx, shown)
    return True


def unsay(place: Workplace, seq: int) -> int:
    """Take back all that the queue was told of a post, or that it was skipped; return the offset."""
    with place.projector.engine.begin() as tx:
        # whom it is about is another matter: `run.about`
        known = {task: old for task, old in examples_of(tx, seq).items() if task in JUDGEMENTS}
        for task in known:
            take_example(tx, seq, task)
    if not known:
        raise SettingError(f"Nothing was said of post {seq}.")
    row = _row(place, seq, known)
    said = {task: (old.before, old.before_p) for task, old in known.items() if old.value is not None}
    return _annotate(place, row, said)


def _row(place: Workplace, seq: int, tasks: Iterable[str]) -> Row:
    """Return what must be known of a post that stands, with its judgements."""
    judged = [name for task in tasks for name in (task, f"{task}_p")]
    names = list(dict.fromkeys([*_FACTS, *judged]))
    rows = place.projector.ledger.segments.select(", ".join(names), [seq])
    if not rows or rows[0][1]:
        raise SettingError(f"There is no post {seq} in the ledger, or it was deleted or edited since.")
    row = dict(zip(names, rows[0], strict=True))
    if "spam" in judged and kind_of(row["type"], row["direction"]) != "say":
        raise SettingError(f"{seq} is nothing that others said: only that can be spam.")
    return row


def _example(
    place: Workplace, tx: sa.Connection, row: Row, old: Example | None, said: tuple[str, str | None, Origin]
) -> Example:
    """Return the example of an answer; what the head had said is that of the first time."""
    task, value, origin = said
    model = models_of(tx, row["seq"]).get(task) or f"{task}/{version_at(tx, task, row['received'])}"
    now = row[task], row[f"{task}_p"], model
    before, before_p, model = now if old is None else (old.before, old.before_p, old.model)
    return Example(
        seq=row["seq"], task=task, value=value, before=before, before_p=before_p, model=model,
        # what chance once drew measures for ever; what was skipped keeps no words
        origin=old.origin if old is not None and old.origin == "random" else origin,
        text=row["text"] if value is not None else None,
        at=place.clock.now(), actor_key=row["actor_key"], language=row["language"], channel=row["channel"],
    )  # fmt: skip


def _is_same(task: str, value: str, before: str | None) -> bool:
    """Tell whether a judgement is what a head had said; any reason is spam."""
    return bool(value) == bool(before) if task == "spam" else value == (before or "")


def _annotate(place: Workplace, row: Row, now: Mapping[str, tuple[str | None, float | None]]) -> int:
    """Write changed judgements into the ledger, and let the projections follow; return the offset."""
    before = {name: row[name] for task in now for name in (task, f"{task}_p")}
    after = {name: value for task, pair in now.items() for name, value in zip((task, f"{task}_p"), pair, strict=True)}
    ledger = place.projector.ledger
    changes: list[Change] = [(row["seq"], "annotate", before, after)] if before != after else []
    if "spam" in now:
        with place.projector.engine.begin() as tx:
            apart = judged_apart(tx, "spam")
        # a person's word has no probability: what has one returns to what a rule or a head had said
        act = judge_others if now["spam"][1] is None else judge_others_back
        changes += act(ledger, row["seq"], now["spam"], apart)
    if changes:
        place.projector.take(ledger.change(changes))
    return ledger.last_seq
