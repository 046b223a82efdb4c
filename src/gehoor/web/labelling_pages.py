"""The queue in which a person goes through judgements: one post at a time, by keys alone."""

import asyncio
from collections.abc import Mapping
from typing import get_args

from litestar import Response, get, post
from litestar.response import Redirect

from gehoor.core.clock import SECOND_US
from gehoor.core.example import Origin
from gehoor.core.examples import Examples
from gehoor.core.judgement import SPAM
from gehoor.web.decisions import ask_owner, form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.labelling import Question, Wanted, question_again, question_of, read_wanted

__all__ = ["LABELLING", "MEASURED"]

MEASURED = 300
"""From so many posts that chance drew, a head may be replaced by a better one."""

_LONGEST = 18


@get("/quality/label", sync_to_thread=True)
def label_page(request: Ask) -> Response[str]:
    """Show the next post to go through."""
    frame = frame_of(request)
    return _page(frame, read_wanted(frame.query))


@post("/quality/said", status_code=200)
async def label(request: Ask) -> Response[str] | Redirect:
    """Take in what a person says of a post, or take the last back; the answer is the next."""
    frame, form = frame_of(request), await form_of(request)
    wanted, seq, tasks = read_wanted(form), _number(form.get("seq", "")), _tasks(form)
    origin: Origin = next((name for name in get_args(Origin) if name == form.get("origin")), "uncertain")
    done = await _say(frame, form, seq, tasks, origin)
    if not frame.is_part:
        return redirect(f"/quality/label?{wanted.query}", done)
    if done.what != "labelled":  # it could not be done: the same is asked again, and the reason told
        return await asyncio.to_thread(_page, frame, wanted, question_again(frame, seq, tasks, origin), done=done)
    if form.get("undo"):
        return await asyncio.to_thread(_page, frame, wanted, question_again(frame, seq, tasks, origin))
    return await asyncio.to_thread(_page, frame, wanted, last=(seq, tasks, origin))


LABELLING = [label_page, label]


async def _say(frame: Frame, form: Mapping[str, str], seq: int, tasks: list[str], origin: Origin) -> Done:
    done = Done(what="labelled", seq=seq)
    if form.get("undo"):
        return await ask_owner(frame, done, "unsay", seq=seq)
    if form.get("skip"):
        return await ask_owner(frame, done, "skip", seq=seq, tasks=tasks, origin=origin)
    answers = {task: form.get(f"answer.{task}", "") for task in tasks}
    if answers.get("spam") == SPAM:  # the other judgements of an advertisement mean nothing
        answers = {"spam": SPAM}
    return await ask_owner(frame, done, "answer", seq=seq, answers=answers, origin=origin)


def _page(
    frame: Frame,
    wanted: Wanted,
    question: Question | None = None,
    last: tuple[int, list[str], Origin] | None = None,
    done: Done | None = None,
) -> Response[str]:
    examples = Examples(frame.site.reader)
    day = frame.speech.local(frame.now).replace(hour=0, minute=0, second=0, microsecond=0)
    if done is not None:
        frame.done = done
    return frame.page(
        "_label.html" if frame.is_part else "label.html", "quality",
        question=question or question_of(frame, wanted), wanted=wanted, last=last, enough=MEASURED,
        n_today=examples.n_posts(since=int(day.timestamp()) * SECOND_US), n_random=examples.n_posts(origin="random"),
    )  # fmt: skip


def _tasks(form: Mapping[str, str]) -> list[str]:
    return [task for task in form.get("tasks", "").split(",") if task]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST else 0
