"""What somebody changes in the settings: every form works without a script, and loses nothing when it is wrong."""

import asyncio
import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Response, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.settings import Settings
from gehoor.core.settings_alerts import check_alerts
from gehoor.core.settings_desk import check_desk
from gehoor.core.settings_edit import set_keys
from gehoor.core.settings_mirror import check_mirror
from gehoor.core.settings_webhooks import new_secret
from gehoor.run.webhooks import webhook_channel
from gehoor.web.decisions import ask_owner, form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.settings_able import ask_able
from gehoor.web.settings_brand import brand_form, brand_values, look_at
from gehoor.web.settings_file import Stand, Written, change, put_back, stand_of
from gehoor.web.settings_form import Form, name_of, part_form, table_of
from gehoor.web.settings_heard import file_trouble, hear
from gehoor.web.settings_pages import check_group, doors_of, said, show_one, show_settings
from gehoor.web.settings_put import drop_part, names_of, put_part
from gehoor.web.settings_tables import TABLES, table_form, table_values
from gehoor.web.settings_values import part_values

__all__ = ["SETTINGS_CHANGES", "Answer", "draft", "free_name", "is_near", "remove", "write_part"]

Answer = Response[str] | Redirect
Typed = Mapping[str, str]


@post("/settings/{table:str}", status_code=200)
async def save_table(request: Ask, table: FromPath[str]) -> Answer:
    """Save what there is once: the workspace, the alerts, what is kept."""
    frame, typed = frame_of(request), await form_of(request)
    known = next((name for name in TABLES if name == table), None)
    if known is None:
        raise NotFoundException
    form = table_form(known, frame.site.settings, typed)
    values = table_values(form, frame.site.settings)
    if form.errors:
        return await show_settings(frame, form)
    written = await change(frame, typed.get("digest", ""), lambda text: set_keys(text, known, values))
    if written.refused:
        return await show_settings(frame, form, written.refused)
    return _back(written, frame.speech.say(f"set.{known}"), f"/settings#{known}")


@post("/settings/look", status_code=200)
async def look(request: Ask) -> Response[str]:
    """Say what the query that somebody is typing would have heard."""
    frame, typed = frame_of(request), await form_of(request)
    query, sentence = typed.get("query", ""), typed.get("sentence", "")
    found = await asyncio.to_thread(look_at, frame.site, query, sentence)
    return frame.page("_settings_look.html", look=found, query=query, said=lambda words: said(frame, words))


@post("/settings/undo", status_code=200)
async def undo(request: Ask) -> Answer:
    """Put back what the file said before the last change."""
    frame, typed = frame_of(request), await form_of(request)
    written = await put_back(frame, typed.get("digest", ""))
    if written.refused:
        return await show_settings(frame, notice=written.refused)
    if written.has_new_doors:
        return _moment(frame)
    return redirect("/settings", Done(what="put_back"))


@post("/settings/test/{name:str}", status_code=303)
async def send_test(request: Ask, name: FromPath[str]) -> Redirect:
    """Have a sender, or what tells a program, send a message by which somebody sees that it arrives."""
    is_program = (await form_of(request)).get("kind") == "program"
    sender, place = (webhook_channel(name), "programs") if is_program else (name, "alerts")
    done = await ask_owner(frame_of(request), Done(what="tested", name=name), "send_test", sender=sender)
    return redirect(f"/settings#{place}", done)


@post("/settings/{group:str}/new", status_code=200)
async def save_new(request: Ask, group: FromPath[str]) -> Answer:
    """Add a brand, source, receiver, sender, replier and the like; or only try it."""
    return await _save(request, group, "")


@post("/settings/{group:str}/{name:str}", status_code=200)
async def save_one(request: Ask, group: FromPath[str], name: FromPath[str]) -> Answer:
    """Change one of what there are several of, or a table that has a page of its own; try it, or take it away."""
    return await _save(request, group, name)


SETTINGS_CHANGES = [save_table, look, undo, send_test, save_new, save_one]


async def _save(request: Ask, group: str, name: str) -> Answer:
    frame, typed = frame_of(request), await form_of(request)
    stand = await stand_of(frame.site)
    stands = table_of(stand.text, group, name) if name and not stand.trouble else {}
    kind = stands.get("type", "") if name else frame.query.get("kind", "")
    check_group(group, kind, name)
    if name and group != "table" and typed.get("do") == "remove":
        form = Form(group=group, name=name, kind=kind, values={"name": stands.get("name", "")})
        return await remove(frame, form, typed)
    if group == "brands":
        return await _save_brand(frame, stand, brand_form(name, stands, typed), stands, typed)
    form = part_form(group, kind, name, stands, typed)
    fresh = _fresh_key(form, typed, stands)
    typed = {**typed, **fresh}
    values = draft(form, typed, stands, frame, is_near=is_near(request))
    if form.errors:
        return await show_one(frame, form, stand=stand)
    if typed.get("do") == "try" and group == "repliers":
        able = await asyncio.to_thread(ask_able, stand.text, frame.site.root, form, values, frame.site.clock)
        return await show_one(frame, form, stand=stand, heard=able)
    if typed.get("do") == "try":
        heard = await asyncio.to_thread(
            hear, stand.text, frame.site.root, name or free_name(form, values, frame), values, frame.site.clock
        )
        return await show_one(frame, form, stand=stand, heard=heard)
    return await write_part(frame, form, values, typed.get("digest", ""), next(iter(fresh.values()), None))


def _fresh_key(form: Form, typed: Typed, stands: Mapping[str, Any]) -> dict[str, str]:
    """Return a key or secret where one is needed and none was given; nothing else."""
    option = {"segment": "write_key", "webhook": "secret"}.get(form.kind) or (
        "secret" if form.group == "webhooks" else ""
    )
    if not option or typed.get(option, "").strip() or stands.get(option):
        return {}
    return {option: secrets.token_urlsafe(24) if form.kind == "segment" else new_secret()}


async def write_part(
    frame: Frame, form: Form, values: dict[str, Any], digest: str, fresh_key: str | None = None
) -> Answer:
    """Write what a form says, and return where one goes on; a form that is refused stands there as it was typed."""
    name = form.name or free_name(form, values, frame)
    is_told = form.group == "senders" and not form.name

    def edit(text: str) -> str:
        text = put_part(text, form, name, values)
        # whoever adds a sender wants it to be told
        return set_keys(text, "alerts", {"to": [*frame.site.settings.alerts.to, name]}) if is_told else text

    written = await change(frame, digest, edit)
    if written.refused:
        return await _wrong(frame, form, written)
    if written.has_new_doors or fresh_key:
        return _moment(frame, form=form, name=name, key=fresh_key, is_waiting=written.has_new_doors)
    return _back(written, _called(frame, form, name), form.back)


def _called(frame: Frame, form: Form, name: str) -> str:
    """Return what a table is called where one is told of it."""
    is_named = form.plain is None or not (form.group == "table" or form.plain.is_listed)
    return name if is_named else form.values.get("name") or str(frame.speech.say(f"set.kind.{form.words}"))


async def _save_brand(frame: Frame, stand: Stand, form: Form, stands: Mapping[str, Any], typed: Typed) -> Answer:
    values = brand_values(form, stands)
    if form.errors or typed.get("do") == "try":
        found = await asyncio.to_thread(look_at, frame.site, form.values["query"], form.values["sentence"])
        return await show_one(frame, form, stand=stand, look=found)
    name = form.name or name_of(form.values["label"], frame.site.settings.brands)
    written = await change(frame, typed.get("digest", ""), lambda text: put_part(text, form, name, values))
    if written.refused:
        return await _wrong(frame, form, written)
    return _back(written, form.values["label"], form.back)


async def remove(frame: Frame, form: Form, typed: Typed) -> Answer:
    """Take a table away, with a way back; a sender that is gone is told of nothing, one that is needed stays."""
    if form.group == "senders" and (needed := _needed(frame.site.settings, form.name)) is not None:
        return await _wrong(frame, form, Written(refused=f"set.refused.needed.{needed}"))
    told = [name for name in frame.site.settings.alerts.to if name != form.name]
    label = frame.site.brands().get(form.name) if form.group == "brands" else _called(frame, form, form.name)

    def edit(text: str) -> str:
        text = drop_part(text, form)
        is_told = form.group == "senders" and form.name in frame.site.settings.alerts.to
        return set_keys(text, "alerts", {"to": told}) if is_told else text

    written = await change(frame, typed.get("digest", ""), edit)
    if written.refused:
        return await show_settings(frame, notice=written.refused)
    if written.has_new_doors:
        return _moment(frame)
    return redirect(form.back.partition("#")[0], Done(what="removed", name=label or form.name, value=written.digest))


def _needed(ours: Settings, sender: str) -> str | None:
    """Return what cannot do without a sender: `alerts` (a person of them), `desk` or `mirror`; None: nothing."""
    left = {name: part for name, part in ours.senders.items() if name != sender}
    people = msgspec.structs.replace(ours.alerts, to=())
    wrong = check_alerts(people, left) or check_desk(ours.desk, left) or check_mirror(ours.mirror, left)
    return wrong[0][0] if wrong else None


def draft(form: Form, typed: Typed, stands: Mapping[str, Any], frame: Frame, *, is_near: bool) -> dict[str, Any]:
    """Return what `gehoor.toml` should say of what a form asks; trouble stands in the form."""
    values = part_values(form, typed, stands, frame.site.root)
    file_trouble(form, values, frame.site.root, is_near=is_near)
    if not form.name and not form.has("name") and form.values["name"] in names_of(frame.site.settings, form.group):
        form.errors["name"] = "set.wrong.name_taken"
    return values


def is_near(request: Ask) -> bool:
    """Tell whether a request comes from this machine itself."""
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:  # no address: a test's own transport
        return False


def free_name(form: Form, values: Mapping[str, Any], frame: Frame) -> str:
    """Return a name for what is new: the one that was given, else one that it brings along."""
    if form.has("name"):  # one of a list: it goes behind the others
        return ""
    settings = frame.site.settings
    is_heard = form.group in ("sources", "receivers")
    used = {*settings.sources, *settings.receivers} if is_heard else set(names_of(settings, form.group))
    return form.values["name"] or name_of(_core(form, values), used)


def _core(form: Form, values: Mapping[str, Any]) -> str:
    if form.plain:
        return values.get("name") or _host_or(str(values.get("url", ""))) or form.words
    words = values.get("path") or next(iter(values.get("urls") or values.get("timelines") or ()), "")
    words = str(words).rpartition("/")[2].partition(".")[0] if "path" in values else _host_or(str(words))
    return words or form.kind


def _host_or(words: str) -> str:
    return urlsplit(words).hostname or "" if "://" in words else words.strip("#@")


async def _wrong(frame: Frame, form: Form, written: Written) -> Response[str]:
    """Return the form as it was typed, with why it was not saved."""
    form.errors[""] = written.refused or ""
    return await show_one(frame, form)


def _back(written: Written, name: str, place: str) -> Redirect:
    return redirect(place, Done(what="configured", name=str(name), value=written.digest))


def _moment(frame: Frame, **context: Any) -> Response[str]:
    """Return the page that waits until the pages began anew, and shows once what is shown once."""
    known: dict[str, Any] = {"form": None, "name": "", "key": None, "is_waiting": True} | context
    return frame.page("settings_moment.html", "settings", doors_of=doors_of, **known)
