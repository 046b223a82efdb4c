"""What leaves the mirror's page, and what comes to it in a file: paper, PDF, mail, calendars."""

import asyncio
from pathlib import Path

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import MediaType
from litestar.exceptions import NotFoundException
from litestar.response import Redirect
from markupsafe import Markup

from gehoor.core.edition import Edition
from gehoor.core.errors import SettingError, TransientError
from gehoor.run.mirror.moments_file import moments_in
from gehoor.web.decisions import ask_owner, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of, version
from gehoor.web.mirror_mail import mirror_mail
from gehoor.web.mirror_pages import edition_of
from gehoor.web.mirror_paper import paper_css, paper_of, pdf_of, standing_alone
from gehoor.web.mirror_shown import letters_of, look_of

__all__ = ["EDITION_PAGES"]

_LINK = Markup('<link rel="stylesheet" href="/mirror/paper.css?{}">')
_MOST_BYTES = 2_000_000
_KEEP = {"Cache-Control": "no-store"}


@get("/mirror/paper", sync_to_thread=True)
def paper_page(request: Ask) -> Response[str]:
    """Show an edition as it is printed."""
    frame = frame_of(request)
    html = paper_of(_asked(frame), frame.speech, frame.site.settings, _LINK.format(version()))
    return Response(html, media_type=MediaType.HTML, headers=_KEEP)


@get("/mirror/paper.css", sync_to_thread=False)
def paper_style(request: Ask) -> Response[str]:
    """Return the style of paper, with the colour of the workspace."""
    style = paper_css(look_of(frame_of(request).site.settings).accent, "/static/vendor/")
    return Response(style, media_type=MediaType.CSS, headers=_KEEP)


@get("/mirror/paper.pdf", sync_to_thread=True)
def paper_file(request: Ask) -> Response[bytes] | Redirect:
    """Return an edition as PDF; where nothing here sets it, the page says what to do."""
    frame = frame_of(request)
    edition = _asked(frame)
    try:
        data = pdf_of(standing_alone(paper_of(edition, frame.speech, frame.site.settings), frame.site.settings))
    except SettingError:
        return redirect("/mirror", Done(what="paper_missing"))
    name = f"{frame.speech.say('room.mirror')}-{edition.period}-{edition.last_day}.pdf".lower()
    headers = {**_KEEP, "Content-Disposition": f'inline; filename="{name}"'}
    return Response(data, media_type="application/pdf", headers=headers)


def _asked(frame: Frame) -> Edition:
    found, _, _ = edition_of(frame, frame.query)
    if found is None:
        raise NotFoundException
    return found


@post("/mirror/send", status_code=303)
async def send(request: Ask) -> Redirect:
    """Mail an edition to those who are ticked, once to each; one of a day that is not over stays here."""
    frame = frame_of(request)
    form = await request.form()
    asked = {name: value for name, value in form.items() if isinstance(value, str)}
    edition, period, brand = await asyncio.to_thread(edition_of, frame, asked)
    to = [name for name in letters_of(frame) if asked.get(f"to.{name}")]
    if edition is None or not edition.is_over or not to:
        return redirect("/mirror#send", Done(what="refused"))
    language = frame.site.settings.workspace.interface
    message = mirror_mail(edition, type(frame.speech)(language, frame.site.zone), frame.site.settings)
    told = {"to": to, "message": msgspec.to_builtins(message), "period": period, "brand": brand}
    try:
        act = {"act": "send", "arguments": {**told, "day": edition.last_day, "said_by": frame.member.id}}
        sent = await frame.site.owner.call("mirror", **act)
    except (TransientError, SettingError) as error:
        return redirect("/mirror#send", Done(what="away" if isinstance(error, TransientError) else "refused"))
    done = Done(what="sent_round", name=", ".join(sent)) if sent else Done(what="sent_before", name=", ".join(to))
    return redirect("/mirror", done)


@post("/mirror/moments/file", status_code=303, request_max_body_size=_MOST_BYTES)
async def read_moments(request: Ask) -> Redirect:
    """Note the moments of a calendar or a table; the same file again replaces what it told."""
    frame = frame_of(request)
    given = (await request.form()).get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        return redirect("/mirror#moments", Done(what="file_wrong"))
    data = await given.read()
    try:
        found = await asyncio.to_thread(moments_in, Path(given.filename), data, frame.site.zone)
    except SettingError:
        return redirect("/mirror#moments", Done(what="file_wrong"))
    told = {"moments": msgspec.to_builtins(found), "said_by": frame.member.id}
    done = Done(what="told_several", name=frame.speech.number(len(found)))
    return redirect("/mirror#moments", await ask_owner(frame, done, "mirror", act="add_moments", arguments=told))


EDITION_PAGES = [paper_page, paper_style, paper_file, send, read_moments]
