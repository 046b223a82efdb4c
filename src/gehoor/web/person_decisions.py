"""What somebody decides of a person on their page: who they are not, and what the law gives them."""

import asyncio
import re
import secrets
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, post
from litestar.enums import MediaType
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.errors import SettingError, TransientError
from gehoor.core.person_reader import person_of_name
from gehoor.run.person_view import PersonView
from gehoor.web.decisions import form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of

__all__ = ["PERSON_DECISIONS"]

_MOST_UNDONE = 8
_BACK = re.compile(r"/inbox/\d+|/people/proposed")
_WAYS = {"split": "apart", "merge": "same", "apart": "not", "later": "later"}


@post("/people/{name:str}/apart", status_code=303)
async def keep_apart(request: Ask, name: FromPath[str]) -> Redirect:
    """Say that an account is somebody else; or take that back."""
    return await _tie(request, name, "split", Done(what="apart"))


@post("/people/{name:str}/same", status_code=303)
async def take_together(request: Ask, name: FromPath[str]) -> Redirect:
    """Say that an account is of this person too; or take that back."""
    return await _tie(request, name, "merge", Done(what="same"))


@post("/people/{name:str}/not", status_code=303)
async def refuse(request: Ask, name: FromPath[str]) -> Redirect:
    """Say that somebody who was proposed is somebody else; or take that back."""
    return await _tie(request, name, "apart", Done(what="apart"))


@post("/people/{name:str}/later", status_code=303)
async def put_off(request: Ask, name: FromPath[str]) -> Redirect:
    """Decide in a month; or now after all."""
    return await _tie(request, name, "later", Done(what="put_off"))


async def _tie(request: Ask, name: str, act: str, done: Done) -> Redirect:
    frame, form = frame_of(request), await form_of(request)
    other = {"id": form.get("actor", ""), "channel": form.get("channel", "")}
    undo = form.get("undo") == "yes"
    try:
        shown = await _act(frame, act, who={"id": name}, other=other, undo=undo)
    except TransientError:
        return redirect(f"/people/{name}", Done(what="away"))
    except SettingError:
        return redirect(f"/people/{name}", Done(what="refused"))
    view = msgspec.convert(shown, PersonView)
    path, back = f"/people/{view.id}", form.get("back", "").partition("?")[0]
    to = back if _BACK.fullmatch(back) else f"{path}#who"
    if undo:
        return redirect(to, Done(what="unsame" if act == "merge" else "unapart"))
    way = {"undo_path": f"{path}/{_WAYS[act]}"}
    form_back = {"actor": other["id"], "channel": other["channel"], "undo": "yes", "back": back}
    told = msgspec.structs.replace(done, name=form.get("called", "")[:80], undo_form=form_back, **way)
    return redirect(to, told)


@post("/people/{name:str}/object", status_code=303)
async def end_profile(request: Ask, name: FromPath[str]) -> Redirect:
    """Keep no profile of somebody who objects; or keep it again."""
    frame, form = frame_of(request), await form_of(request)
    if form.get("undo") == "yes":
        return await _unobject(frame, form.get("accounts", ""))
    if form.get("sure") != "yes":
        return Redirect(f"/people/{_checked(name)}/rights?sure=no#object", status_code=303)
    try:
        shown = msgspec.convert(await _act(frame, "show", who={"id": name}), PersonView)
        await _act(frame, "object", who={"id": name})
    except TransientError:
        return redirect(f"/people/{name}/rights", Done(what="away"))
    pairs = [[account.channel, account.actor] for account in shown.accounts[:_MOST_UNDONE]]
    undo = {"accounts": msgspec.json.encode(pairs).decode(), "undo": "yes"}
    return redirect("/people", Done(what="objected", undo_path=f"/people/{name}/object", undo_form=undo))


async def _unobject(frame: Frame, accounts: str) -> Redirect:
    try:
        pairs = msgspec.json.decode(accounts, type=list[tuple[str, str]])
    except msgspec.DecodeError:
        raise SettingError("Nothing says whose objection is taken back.") from None
    try:
        for channel, actor in pairs[:_MOST_UNDONE]:
            await _act(frame, "object", who={"id": actor, "channel": channel}, undo=True)
        channel, actor = pairs[0]
        shown = msgspec.convert(await _act(frame, "show", who={"id": actor, "channel": channel}), PersonView)
    except (TransientError, SettingError, IndexError):
        return redirect("/people", Done(what="away"))
    return redirect(f"/people/{shown.id}", Done(what="unobjected"))


@post("/people/{name:str}/forget", status_code=303)
async def forget(request: Ask, name: FromPath[str]) -> Redirect:
    """Erase somebody everywhere; nothing takes that back."""
    frame, form = frame_of(request), await form_of(request)
    if form.get("sure") != "yes":
        return Redirect(f"/people/{_checked(name)}/rights?sure=no#forget", status_code=303)
    try:
        await _act(frame, "forget", who={"id": name})
    except TransientError:
        return redirect(f"/people/{name}/rights", Done(what="away"))
    return redirect("/people", Done(what="forgotten"))


@post("/people/{name:str}/export", status_code=200)
async def export(request: Ask, name: FromPath[str]) -> Response[bytes]:
    """Hand over all that is held of somebody, as a file."""
    frame = frame_of(request)
    path = frame.site.root / "run" / f"export-{secrets.token_hex(8)}.jsonl"
    path.parent.mkdir(exist_ok=True)
    try:
        await _act(frame, "export", who={"id": name}, path=str(path.absolute()))
        data = await asyncio.to_thread(path.read_bytes)
    finally:
        await asyncio.to_thread(_remove, path)
    headers = {
        "Content-Disposition": f'attachment; filename="person-{_checked(name)}.jsonl"',
        "Cache-Control": "no-store",
    }
    return Response(data, media_type=MediaType.TEXT, headers=headers)


PERSON_DECISIONS = [keep_apart, take_together, refuse, put_off, end_profile, forget, export]


async def _act(frame: Frame, act: str, **arguments: Any) -> Any:
    _checked(arguments["who"]["id"] if "channel" not in arguments["who"] else "0" * 16)
    return await frame.site.owner.call("person", act=act, arguments=arguments, said_by=frame.member.id)


def _checked(name: str) -> str:
    """Return the name of a person, which may stand in an address."""
    if person_of_name(name) is None:
        raise SettingError(f"There is no person {name[:40]!r}.")
    return name


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
