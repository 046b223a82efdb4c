"""The page of a case: one answer to everybody, seen for three people before it leaves, and how far it is."""

import asyncio
from collections.abc import Mapping

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.case import CaseReader
from gehoor.web.case_shown import case_of, theirs_of
from gehoor.web.conversation_decisions import ask_desk
from gehoor.web.decisions import form_of, redirect
from gehoor.web.desk_of import desk_of
from gehoor.web.done import Done, What
from gehoor.web.frame import Ask, Frame, frame_of

__all__ = ["CASE_PAGES"]

_LONGEST = 20_000
_TEXT = "text-"
_PACE: Mapping[str, What] = {"take_back": "case_back", "pause": "case_paused", "go_on": "case_on"}


@get("/inbox/case/{case:int}", sync_to_thread=True)
def case_page(request: Ask, case: FromPath[int]) -> Response[str]:
    """Show a case: who waits, since when, in which languages, and how far an answer is."""
    frame = frame_of(request)
    return _page(frame, case, {})


@post("/inbox/case/{case:int}/answer", status_code=200)
async def answer_case(request: Ask, case: FromPath[int]) -> Response[str] | Redirect:
    """Show what three people would read; or let it leave to all who were there when the page was made."""
    frame, form = frame_of(request), await form_of(request)
    texts = {name.removeprefix(_TEXT): text.strip()[:_LONGEST] for name, text in form.items() if name.startswith(_TEXT)}
    if form.get("preview") or not any(texts.values()):
        return await asyncio.to_thread(_page, frame, case, texts)
    found = await asyncio.to_thread(CaseReader(frame.site.reader, desk_of(frame)).case, case, frame.member)
    if found is None:
        raise NotFoundException
    told = {"case": found.topic.id, "texts": texts, "as_of": form.get("as_of", ""), "agent": frame.member.name}
    asked = {"conversations": theirs_of(frame, found), "arguments": told}
    path = f"/inbox/case/{found.topic.id}"
    undo = Done(what="case_sent", undo_path=f"{path}/pace", undo_form={"act": "take_back"})
    done, said = await ask_desk(frame, "answer_case", asked, undo)
    if said is not None:
        what: What = "case_none" if not said["n"] else "case_asked" if said["state"] == "asked" else "case_sent"
        done = Done(what=what, name=str(said["n"]), undo_path=undo.undo_path, undo_form=undo.undo_form)
    return redirect(path, done)


@post("/inbox/case/{case:int}/pace", status_code=303)
async def pace_case(request: Ask, case: FromPath[int]) -> Redirect:
    """Take all answers to a case back, let them wait, or let them go on."""
    frame, form = frame_of(request), await form_of(request)
    act = form.get("act", "")
    if act not in _PACE:
        return redirect(f"/inbox/case/{case}", Done(what="refused"))
    asked = {"arguments": {"case": case}}
    done, said = await ask_desk(frame, f"{act}_case", asked, Done(what=_PACE[act]))
    if said is not None and said.get("refused"):
        done = Done(what="case_left")
    return redirect(f"/inbox/case/{case}", done)


@post("/inbox/case/{case:int}/approve", status_code=303)
async def approve_case(request: Ask, case: FromPath[int]) -> Redirect:
    """Let the answer of a colleague to all of a case leave."""
    frame = frame_of(request)
    done, said = await ask_desk(frame, "approve_case", {"arguments": {"case": case}}, Done(what="case_sent"))
    if said is not None:
        done = Done(what="case_sent" if said["n"] else "case_none", name=str(said["n"]))
    return redirect(f"/inbox/case/{case}", done)


CASE_PAGES = [case_page, answer_case, pace_case, approve_case]


def _page(frame: Frame, number: int, texts: Mapping[str, str]) -> Response[str]:
    shown = case_of(frame, number, texts)
    if shown is None:
        raise NotFoundException
    template = "_case_progress.html" if frame.is_part and not texts else "case.html"
    return frame.page(template, "inbox", case=shown, may_answer=frame.may("desk.answer"))
