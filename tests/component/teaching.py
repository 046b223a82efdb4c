"""Examples as people would have given them, put straight into a workspace."""

from collections.abc import Sequence
from typing import Any

from gehoor.core.example import Example, write_example
from tests.cast import CRITIC, NOON
from tests.component.hearing import Hearing

__all__ = ["teach"]


def teach(hearing: Hearing, task: str, said: Sequence[tuple[str, str | None]], *, first: int = 1, **facts: Any) -> None:
    """Let a person have said something of a task of posts `first`, `first` + 1 ...: (what they said, the head said).

    `facts` are fields of the examples: `origin`, `language`, `channel`, `p`, `text`.
    """
    p, text = facts.pop("p", 0.8), facts.pop("text", "Een bericht")
    known = {"origin": "random", "language": "nl", "channel": CRITIC.channel} | facts
    with hearing.projector.engine.begin() as tx:
        for seq, (value, before) in enumerate(said, start=first):
            judged = {"value": value, "before": before, "before_p": p, "model": f"{task}/0"}
            example = Example(seq=seq, task=task, at=NOON, actor_key=None, text=f"{text} {seq}", **judged, **known)
            write_example(tx, example)
