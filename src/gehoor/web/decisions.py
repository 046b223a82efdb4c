"""What a person decides on a page, handed to the owner: corrections, verdicts, second tries. No form needs a script."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.errors import SettingError, TransientError
from gehoor.core.judgement import JUDGEMENTS, SPAM
from gehoor.core.reader import Post, PostFilter
from gehoor.understand.context import NO, YES, about_task
from gehoor.web.alerts import id_of
from gehoor.web.cards import cards_of
from gehoor.web.done import Done, What, cookie_of
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.posts import SIGNS

__all__ = ["DECISIONS", "ask_owner", "form_of", "redirect"]


@post("/posts/{seq:int}/correct", status_code=200)
async def correct(request: Ask, seq: FromPath[int]) -> Response[str] | Redirect:
    """Put another judgement on a post; the answer is its card anew, or the page that it stood on."""
    frame, form = frame_of(request), await form_of(request)
    column, value = form.get("column", ""), form.get("value", "")
    found = await asyncio.to_thread(_find, frame, seq)
    what: What = "undone" if form.get("undo") else "corrected"
    before = _before(found, column) if found and what == "corrected" else None
    done = Done(what=what, name=column, value=value, seq=seq, before=before)
    done = await ask_owner(frame, done, "correct", seq=seq, column=column, value=value, undo=what == "undone")
    found = found and await asyncio.to_thread(_find, frame, seq)
    if not frame.is_part or found is None:
        return _back(form, f"/posts?seq={seq}", done, f"p{seq}")
    card = await asyncio.to_thread(cards_of, frame.site, [found])
    return frame.page("_corrected.html", "posts", card=card[0], signs=SIGNS, done=done, back=_local(form))


@post("/alerts/{name:str}/verdict", status_code=303)
async def judge(request: Ask, name: FromPath[str]) -> Redirect:
    """Say whether an alert was about something real."""
    frame, form = frame_of(request), await form_of(request)
    id_ = id_of(name)
    alert = await asyncio.to_thread(frame.site.reader.alert, id_)
    before = (alert.verdict or "") if alert else None
    done = Done(what="judged", value=form.get("value", ""), alert=id_, before=None if form.get("undo") else before)
    done = await ask_owner(frame, done, "judge_alert", alert=id_, verdict=done.value)
    return _back(form, f"/alerts/{name}", done)


@post("/alerts/{name:str}/send", status_code=303)
async def send_again(request: Ask, name: FromPath[str]) -> Redirect:
    """Send a message of an alert once more; its key must be one of that alert's."""
    frame, form = frame_of(request), await form_of(request)
    done = await ask_owner(frame, Done(what="retried"), "retry_entry", key=form.get("key", ""))
    return _back(form, f"/alerts/{name}", done, "told")


@post("/sources/{name:str}/again", status_code=303)
async def try_again(request: Ask, name: FromPath[str]) -> Redirect:
    """Have the owner read a source's rejects once more."""
    frame = frame_of(request)
    _known(frame, name)
    try:
        counts = await frame.site.owner.call("replay_rejects", source=name, said_by=frame.member.id)
    except TransientError:
        return redirect("/sources", Done(what="away"))
    told = {"again": name, "taken_in": str(counts["taken_in"]), "kept": str(counts["kept"])}
    return Redirect("/sources", query_params=told, status_code=303)


@post("/sources/{name:str}/restart", status_code=303)
async def restart(request: Ask, name: FromPath[str]) -> Redirect:
    """Have the owner begin again with a source that stopped."""
    frame = frame_of(request)
    _known(frame, name)
    done = await ask_owner(frame, Done(what="restarted", name=name), "restart_source", name=name)
    return redirect("/sources", done)


DECISIONS = [correct, judge, send_again, try_again, restart]


def _find(frame: Frame, seq: int) -> Post | None:
    """Return a post as it stands now."""
    return next(iter(frame.site.reader.posts(PostFilter(seq=seq), 1)), None)


def _before(found: Post, column: str) -> str | None:
    """Return what takes a correction back; spam of whatever reason comes back as a person's verdict."""
    if column.startswith(about_task("")):
        return YES if column.removeprefix(about_task("")) in found.brands else NO
    if column not in JUDGEMENTS:
        return None
    before = getattr(found, column) or ""
    return SPAM if column == "spam" and before else str(before)


async def form_of(request: Ask) -> Mapping[str, str]:
    """Return the fields of a form that are text."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def ask_owner(frame: Frame, done: Done, op: str, **arguments: Any) -> Done:
    """Ask the owner, in the name of who is looking; return what to tell: what was done, or that it could not be."""
    try:
        await frame.site.owner.call(op, said_by=frame.member.id, **arguments)
    except TransientError:
        return Done(what="away")
    except SettingError:
        return Done(what="refused")
    return done


def _known(frame: Frame, name: str) -> None:
    if name not in {*frame.site.settings.sources, *frame.site.settings.receivers}:
        raise SettingError(f"There is no source named {name[:80]!r}.")


def _local(form: Mapping[str, str]) -> str:
    """Return the page that a form stood on; nothing that leads elsewhere."""
    back = form.get("back", "")
    return back if back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable() else ""


def _back(form: Mapping[str, str], otherwise: str, done: Done, place: str = "") -> Redirect:
    path = _local(form) or otherwise
    return redirect(f"{path.partition('#')[0]}#{place}" if place else path, done)


def redirect(path: str, done: Done) -> Redirect:
    """Return the way to a page of ours, which tells what was done."""
    return Redirect(path, status_code=303, cookies=[cookie_of(done)])
