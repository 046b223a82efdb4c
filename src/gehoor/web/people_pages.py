"""*People* and *Person*: who does something with us, what each of them is worth, and what the law gives them."""

import asyncio
from functools import partial

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.errors import SettingError, TransientError
from gehoor.core.person_reader import person_of_name
from gehoor.know.customer_kind import CUSTOMER_KINDS
from gehoor.run.people_child import STEPS
from gehoor.run.person_view import PersonView
from gehoor.web.decisions import ask_owner, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.money import money
from gehoor.web.people import LISTS, initials, people_of
from gehoor.web.person import person_of
from gehoor.web.posts import SIGNS
from gehoor.web.proposed import pairs_proposed, proposed_of

__all__ = ["PEOPLE_PAGES"]


@get("/people")
async def people_page(request: Ask) -> Response[str]:
    """Show *People*: a search, lists, how it was counted."""
    frame = frame_of(request)
    if not frame.site.settings.know.profiles:
        return frame.page("people.html", "people", people=None, step=None, steps=STEPS)
    step = await _step(frame)
    query, wanted = frame.query.get("q", "").strip()[:200], frame.query.get("list", LISTS[0])
    people = await asyncio.to_thread(people_of, frame.site, frame.speech, query, wanted, frame.now)
    await _note(frame, query, people.shown)
    return frame.page(
        "people.html", "people", people=people, step=step, steps=STEPS, lists=LISTS, kinds=CUSTOMER_KINDS,
        initials=initials, money=_money(frame, people.fit.currency if people.fit else ""),
    )  # fmt: skip


async def _step(frame: Frame) -> str | None:
    """Return which step of counting goes on, where the owner is there to say it."""
    try:
        step = await frame.site.owner.call("people_step")
    except TransientError:
        return None
    return step if step in STEPS else None


async def _note(frame: Frame, query: str, shown: str) -> None:
    """Have it noted who looks; where the owner is away and cannot, nobody is shown either."""
    seen = {"words": query} if query else {"shown": shown if shown in LISTS else "kind"}
    await frame.site.owner.call("people_look", arguments=seen, said_by=frame.member.id)


@post("/people/count", status_code=303)
async def count(request: Ask) -> Redirect:
    """Have customers counted now, rather than tonight."""
    return redirect("/people#how", await ask_owner(frame_of(request), Done(what="counting_people"), "count_people"))


@get("/people/{name:str}")
async def person_page(request: Ask, name: FromPath[str]) -> Response[str]:
    """Show one person; the owner notes the look."""
    frame = frame_of(request)
    view = await show(frame, name)
    person = await asyncio.to_thread(person_of, frame.site.reader, view, frame.speech, frame.now)
    keys = [account.actor_key for account in view.accounts]
    proposed = await asyncio.to_thread(proposed_of, frame.site.reader, keys, frame.now, frame.site.root)
    return frame.page(
        "person.html", "people", person=person, view=view, initials=initials, signs=SIGNS, proposed=proposed,
        money=_money(frame, person.currency), priced=partial(money, frame.speech),
    )  # fmt: skip


@get("/people/proposed")
async def proposed_page(request: Ask) -> Response[str]:
    """Show who may be one person, in the whole workspace; the owner notes the look."""
    frame = frame_of(request)
    if not frame.site.settings.know.profiles:
        return frame.page("people.html", "people", people=None, step=None, steps=STEPS)
    pairs = await asyncio.to_thread(pairs_proposed, frame.site.reader, frame.site.root, frame.now)
    await frame.site.owner.call("people_look", arguments={"shown": "proposed"}, said_by=frame.member.id)
    return frame.page("proposed.html", "people", pairs=pairs, initials=initials)


@get("/people/{name:str}/rights")
async def rights_page(request: Ask, name: FromPath[str]) -> Response[str]:
    """Show what the law gives a person: a copy, an end to the profile, to be forgotten."""
    frame = frame_of(request)
    view = await show(frame, name)
    person = await asyncio.to_thread(person_of, frame.site.reader, view, frame.speech, frame.now)
    return frame.page("person_rights.html", "people", person=person, view=view, trouble=frame.query.get("sure") == "no")


PEOPLE_PAGES = [people_page, count, proposed_page, person_page, rights_page]


def _money(frame: Frame, currency: str) -> object:
    return lambda value: money(frame.speech, value, currency)


async def show(frame: Frame, name: str) -> PersonView:
    """Return a person as the owner shows them.

    Raises
    ------
    SettingError
        There is nobody of that name.
    """
    if person_of_name(name) is None:
        raise SettingError(f"There is no person {name[:40]!r}.")
    shown = await frame.site.owner.call("person", act="show", arguments={"who": {"id": name}}, said_by=frame.member.id)
    return msgspec.convert(shown, PersonView)
