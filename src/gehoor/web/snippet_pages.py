"""Canned replies and macros: written once for each language, with variables that are filled in for who is answered."""

import asyncio
from typing import Any

import msgspec
import sqlalchemy as sa
from litestar import Response, get, post
from litestar.response import Redirect
from markupsafe import Markup

from gehoor.answer.drafts import filled
from gehoor.core.desk import Snippet
from gehoor.core.desk_reader import DeskReader
from gehoor.core.judgement import JUDGEMENTS
from gehoor.web.conversation_decisions import ask_desk
from gehoor.web.decisions import form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of

__all__ = ["SNIPPET_PAGES", "Acts", "acts_of"]

_NAME, _WORDS, _LABEL = 80, 5_000, 40
_USED = sa.text(
    "SELECT count(*) FROM desk_reply WHERE instr('|' || drafted_from || '|', :source) > 0 AND state <> 'draft'"
)


class Acts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a macro does besides, once its answer leaves."""

    label: str = ""
    resolve: bool = False


class Line(msgspec.Struct, frozen=True):
    """A canned reply on its page: with an example, what it does besides, and how often it was used."""

    snippet: Snippet
    example: str
    acts: Acts
    n_used: int


def acts_of(snippet: Snippet) -> Acts:
    """Return what a canned reply does besides; nothing where that cannot be read."""
    try:
        return msgspec.json.decode(snippet.acts or "{}", type=Acts)
    except msgspec.MsgspecError:
        return Acts()


@get("/snippets")
async def snippets_page(request: Ask) -> Response[str]:
    """Show all canned replies, and a form for one more or another language."""
    return await asyncio.to_thread(_page, frame_of(request), {}, "")


@post("/snippets", status_code=200)
async def keep_snippet(request: Ask) -> Response[str] | Redirect:
    """Keep a canned reply in one language, in the place of the one of that name; or drop one."""
    frame, form = frame_of(request), await form_of(request)
    if form.get("drop", "").isdecimal():
        done, _ = await ask_desk(frame, "snippet", {"drop": int(form["drop"][:12])}, Done(what="snippet_dropped"))
        return redirect("/snippets", done)
    name, text, language = form.get("name", "").strip()[:_NAME], form.get("text", "").strip(), form.get("language", "")
    if not name or not text or len(text) > _WORDS or language not in frame.site.settings.workspace.languages:
        return await asyncio.to_thread(_page, frame, dict(form), "snippet.wrong")
    acts = Acts(form.get("label", "").strip().replace("|", " ")[:_LABEL], bool(form.get("resolve")))
    need = form.get("need", "")
    asked: dict[str, Any] = {
        "name": name, "text": text, "language": language, "need": need if need in JUDGEMENTS["need"] else "",
        "acts": msgspec.json.encode(acts).decode(),
    }  # fmt: skip
    done, _ = await ask_desk(frame, "snippet", asked, Done(what="snippet_kept", name=name))
    return redirect("/snippets", done)


SNIPPET_PAGES = [snippets_page, keep_snippet]


def _page(frame: Frame, typed: dict[str, str], wrong: str) -> Response[str]:
    desk = DeskReader(frame.site.reader, frame.site.clock)
    lines = [_line(frame, snippet) for snippet in desk.snippets()]
    chosen = frame.query.get("change", "")
    of = next((line for line in lines if str(line.snippet.id) == chosen), None)
    if of is not None and not typed:
        one = of.snippet
        typed = {"name": one.name, "language": one.language, "need": one.need or "", "text": one.text,
                 "label": of.acts.label, "resolve": "yes" if of.acts.resolve else ""}  # fmt: skip
    typed = dict.fromkeys(("name", "language", "need", "text", "label", "resolve"), "") | typed
    return frame.page(
        "snippets.html", "settings", status=400 if wrong else 200, lines=lines, typed=typed, wrong=wrong,
        tongues=frame.site.settings.workspace.languages, needs=[one for one in JUDGEMENTS["need"] if one != "none"],
    )  # fmt: skip


def _line(frame: Frame, snippet: Snippet) -> Line:
    example: dict[str, str | Markup] = {"name": "Kim", "naam": "Kim", "order": "A-1001"}
    example |= dict.fromkeys(("agent", "me", "ik"), frame.member.name)
    used = frame.site.reader.stored(_USED.bindparams(source=f"|s{snippet.id}|"))
    told = filled(snippet.text, {name: str(value) for name, value in example.items()})
    return Line(snippet, told, acts_of(snippet), int(used[0][0]) if used else 0)
