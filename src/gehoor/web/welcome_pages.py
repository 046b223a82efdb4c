"""The first run: a name, a query, a source; each step is an ordinary form, and can be skipped."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from gehoor.core.settings_edit import put_table, set_keys
from gehoor.web.decisions import form_of
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.settings_brand import Look, brand_form, brand_values, look_at, proposals
from gehoor.web.settings_changes import Answer, draft, free_name, is_near
from gehoor.web.settings_file import Stand, change, stand_of
from gehoor.web.settings_form import Form, name_of, part_form
from gehoor.web.settings_heard import Heard, hear
from gehoor.web.settings_kinds import KINDS, words_of
from gehoor.web.settings_pages import check_group, said
from gehoor.web.settings_tables import TONGUES, table_form, table_values
from gehoor.web.speech import LANGUAGES
from gehoor.web.welcome import LATER

__all__ = ["WELCOME_PAGES"]

_YEAR_S = 365 * 86_400
_FIRST_KIND = "feed"
Typed = Mapping[str, str]


@get("/welcome")
async def name_page(request: Ask) -> Response[str]:
    """Ask whose workspace it is, and in which languages."""
    frame = frame_of(request)
    return await _show(frame, 1, table_form("workspace", frame.site.settings, None))


@post("/welcome", status_code=200)
async def save_name(request: Ask) -> Answer:
    """Save the name and the languages."""
    frame, typed = frame_of(request), await form_of(request)
    form = table_form("workspace", frame.site.settings, typed)
    values = table_values(form, frame.site.settings)
    if form.errors:
        return await _show(frame, 1, form)
    written = await change(frame, typed.get("digest", ""), lambda text: set_keys(text, "workspace", values))
    if written.refused:
        return await _refused(frame, 1, form, written.refused)
    return Redirect(f"/welcome/brand?lang={values['interface']}", status_code=303)


@get("/welcome/brand")
async def brand_page(request: Ask) -> Response[str]:
    """Ask what people call you, with queries to begin with."""
    frame = frame_of(request)
    label = frame.site.settings.workspace.name
    first = next(iter(proposals(label)), "")
    return await _show(frame, 2, brand_form("", {}, {"label": label, "query": first}))


@post("/welcome/brand", status_code=200)
async def save_brand(request: Ask) -> Answer:
    """Save the brand, or show what its query would have heard."""
    frame, typed = frame_of(request), dict(await form_of(request))
    typed["query"] = typed.get("proposal") or typed.get("query", "")
    form = brand_form("", {}, typed)
    values = brand_values(form, {})
    if form.errors or typed.get("do") != "save":
        look = await asyncio.to_thread(look_at, frame.site, form.values["query"], form.values["sentence"])
        return await _show(frame, 2, form, look=look)
    name = name_of(form.values["label"], frame.site.settings.brands)
    written = await change(frame, typed.get("digest", ""), lambda text: put_table(text, "brands", name, values))
    if written.refused:
        return await _refused(frame, 2, form, written.refused)
    return Redirect("/welcome/sources", status_code=303)


@get("/welcome/sources")
async def sources_page(request: Ask) -> Response[str]:
    """Ask where to listen."""
    frame = frame_of(request)
    kind = frame.query.get("kind", _FIRST_KIND)
    check_group("sources", kind, "")
    return await _show(frame, 3, part_form("sources", kind, "", {}, None))


@post("/welcome/sources", status_code=200)
async def save_source(request: Ask) -> Response[str]:
    """Try a source, and add it when it can be heard, or when somebody wants it all the same."""
    frame, typed = frame_of(request), await form_of(request)
    kind = frame.query.get("kind", _FIRST_KIND)
    check_group("sources", kind, "")
    form = part_form("sources", kind, "", {}, typed)
    values = draft(form, typed, {}, frame, is_near=is_near(request))
    if form.errors:
        return await _show(frame, 3, form)
    stand, name = await stand_of(frame.site), free_name(form, values, frame)
    heard = await asyncio.to_thread(hear, stand.text, frame.site.root, name, values, frame.site.clock)
    if not heard.is_good and typed.get("do") != "anyway":
        return await _show(frame, 3, form, heard=heard)
    digest = typed.get("digest", "")
    written = await change(frame, digest, lambda text: put_table(text, "sources", name, values))
    if written.refused:
        return await _refused(frame, 3, form, written.refused)
    return await _show(frame, 3, part_form("sources", kind, "", {}, None), heard=heard)


@post("/welcome/later", status_code=303)
async def later(request: Ask) -> Redirect:
    """Let somebody look around first."""
    del request
    cookie = Cookie(key=LATER, value="yes", max_age=_YEAR_S, samesite="lax", httponly=True)
    return Redirect("/", status_code=303, cookies=[cookie])


WELCOME_PAGES = [name_page, save_name, brand_page, save_brand, sources_page, save_source, later]


async def _show(
    frame: Frame, step: int, form: Form, *, look: Look | None = None, heard: Heard | None = None
) -> Response[str]:
    stand: Stand = await stand_of(frame.site)
    kinds: Any = tuple(KINDS["sources"])
    return await asyncio.to_thread(
        frame.page, "welcome.html", "settings",
        step=step, stand=stand, form=form, look=look, heard=heard, kinds=kinds, words_of=words_of, tongues=TONGUES,
        interfaces=LANGUAGES, proposals=proposals, said=lambda sentence: said(frame, sentence),
        added=frame.site.settings.sources,
    )  # fmt: skip


async def _refused(frame: Frame, step: int, form: Form, why: str) -> Response[str]:
    form.errors[""] = why
    return await _show(frame, step, form)
