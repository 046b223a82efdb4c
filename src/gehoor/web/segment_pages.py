"""*Segments*: say whom you mean, see how many that are, keep it, and take them along for a purpose."""

from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.enums import MediaType
from litestar.response import Redirect

from gehoor.core.audience.columns import COLUMNS
from gehoor.core.audience.people import FEWEST, People
from gehoor.core.errors import SettingError, TransientError
from gehoor.run.audience import PURPOSES
from gehoor.web.decisions import ask_owner, form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.query_words import query_trouble
from gehoor.web.segments import READY, SIGNS_OF, added, segment_of, to_csv, without

__all__ = ["SEGMENT_PAGES"]

_HEAD = ("person", "channel", "account", "name")


class _Exported(msgspec.Struct):
    rows: list[tuple[str, str, str, str]]
    n_people: int
    n_left_out: int


@get("/segments", sync_to_thread=True)
def segments_page(request: Ask) -> Response[str]:
    """Show the builder: a rule, how many people it holds, what can be added to it."""
    frame = frame_of(request)
    query = frame.query
    rule, column = query.get("rule", ""), query.get("column", "")
    if query.get("add"):
        rule, column = added(rule, column, query.get("sign", "="), query.get("value", "")), ""
    column = column if column in COLUMNS else "orders"
    segment = segment_of(frame.site, rule, frame.now)
    parts = segment.rule.parts if segment.rule else ()
    kept = People(frame.site.reader).kept()
    return frame.page(
        "segments.html", "people", segment=segment, columns=COLUMNS, column=COLUMNS[column], signs=SIGNS_OF,
        parts=[(part, _path(without(segment.rule, place)) if segment.rule else "") for place, part in enumerate(parts)],
        ready=[(name, _path(text)) for name, text in READY.items()], kept=[(one, _path(one.rule)) for one in kept],
        trouble_words=query_trouble(segment.error.reason, frame.speech) if segment.error else "",
        purposes=PURPOSES, fewest=FEWEST, has_profiles=frame.site.settings.know.profiles,
        trouble=query.get("trouble", "") if query.get("trouble") in _TROUBLES else "",
    )  # fmt: skip


@post("/segments/keep", status_code=303)
async def keep(request: Ask) -> Redirect:
    """Keep the rule under a name."""
    form = await form_of(request)
    name, rule = form.get("name", "")[:200], form.get("rule", "")
    undo = {"undo_path": "/segments/drop", "undo_form": {"name": " ".join(name.split())}}
    done = Done(what="kept_segment", name=name, **undo)  # type: ignore[arg-type]  # the fields of Done
    return redirect(_path(rule), await _asked(frame_of(request), done, "keep", name=name, rule=rule))


@post("/segments/drop", status_code=303)
async def drop(request: Ask) -> Redirect:
    """Forget a rule; the people stay as they are."""
    form = await form_of(request)
    name, rule = form.get("name", ""), form.get("rule", "")
    undo = {"undo_path": "/segments/keep", "undo_form": {"name": name, "rule": rule}} if rule else {}
    done = Done(what="dropped_segment", name=name, **undo)  # type: ignore[arg-type]  # the fields of Done
    return redirect("/segments", await _asked(frame_of(request), done, "drop", name=name))


@post("/segments/export", status_code=200)
async def export(request: Ask) -> Response[str] | Redirect:
    """Give the accounts of those who allow the purpose as a file; the owner notes each of them."""
    frame, form = frame_of(request), await form_of(request)
    rule, purpose = form.get("rule", ""), form.get("purpose", "")
    if purpose not in PURPOSES:
        return _back(rule, "purpose")
    try:
        asked = {"rule": rule, "purpose": purpose}
        value = await frame.site.owner.call("segment", act="export", arguments=asked, said_by=frame.member.id)
    except TransientError:
        return redirect(_path(rule), Done(what="away"))
    except SettingError:
        return _back(rule, "export")
    exported = msgspec.convert(value, _Exported)
    headers = {"Content-Disposition": f'attachment; filename="segment-{purpose}.csv"', "Cache-Control": "no-store"}
    # a spreadsheet takes UTF-8 for what it is when it begins with this mark
    text = "\ufeff" + to_csv([_HEAD, *exported.rows])
    return Response(text, media_type=MediaType.TEXT, headers={**headers, "Content-Type": "text/csv; charset=utf-8"})


SEGMENT_PAGES = [segments_page, keep, drop, export]

_TROUBLES = ("purpose", "export")


def _path(rule: str) -> str:
    return f"/segments?{urlencode({'rule': rule})}" if rule else "/segments"


def _back(rule: str, trouble: str) -> Redirect:
    return Redirect(f"/segments?{urlencode({'rule': rule, 'trouble': trouble})}", status_code=303)


async def _asked(frame: Frame, done: Done, act: str, **arguments: str) -> Done:
    return await ask_owner(frame, done, "segment", act=act, arguments=arguments)
