"""*Settings*: everything of `gehoor.toml` that people change, shown; what they change is in `settings_changes`."""

import asyncio
from typing import Any

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from gehoor.core import registry
from gehoor.core.message import Message
from gehoor.core.outbox import Entry
from gehoor.run.context import ContextFigures, figures_of_brand
from gehoor.run.repliers import ReplierTrial
from gehoor.run.trial_message import TRIAL_KEYS
from gehoor.run.webhooks import webhook_channel
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.query_words import query_trouble
from gehoor.web.settings_brand import Look, brand_form, proposals
from gehoor.web.settings_file import Stand, stand_of
from gehoor.web.settings_form import Form, part_form, table_of
from gehoor.web.settings_heard import Heard
from gehoor.web.settings_kinds import KINDS, words_of
from gehoor.web.settings_mirror import MIRROR_PERIODS, mail_senders
from gehoor.web.settings_offers import offers_of
from gehoor.web.settings_plain import ONCE, PLAIN
from gehoor.web.settings_put import names_of
from gehoor.web.settings_tables import TABLES, TONGUES, table_form, zones
from gehoor.web.site import Site
from gehoor.web.speech import LANGUAGES, catalogue

__all__ = ["SETTINGS_PAGES", "check_group", "doors_of", "said", "show_one", "show_settings"]

_MOST_TRIALS = 1_000
_NAMED = frozenset({"people", "webhooks", "policies"})
_GROUPS = frozenset({"brands", *KINDS, *_NAMED})


@get("/settings")
async def settings_page(request: Ask) -> Response[str]:
    """Show all settings; each part can be changed where it stands."""
    return await show_settings(frame_of(request))


@get("/settings/{group:str}/new")
async def new_page(request: Ask, group: FromPath[str]) -> Response[str]:
    """Show an empty form for one more of a group."""
    frame = frame_of(request)
    kind = frame.query.get("kind", "")
    check_group(group, kind, "")
    form = brand_form("", {}, {}) if group == "brands" else part_form(group, kind, "", {}, None)
    return await show_one(frame, form)


@get("/settings/{group:str}/{name:str}")
async def one_page(request: Ask, group: FromPath[str], name: FromPath[str]) -> Response[str]:
    """Show what one of a group is set to, or a table that has a page of its own."""
    frame = frame_of(request)
    stand = await stand_of(frame.site)
    known = ONCE if group == "table" else names_of(frame.site.settings, group) if group in _GROUPS else ()
    if name not in known or stand.trouble:
        raise NotFoundException
    stands = table_of(stand.text, group, name)
    if group == "brands":
        return await show_one(frame, brand_form(name, stands, None), stand=stand)
    kind = stands.get("type", "")
    return await show_one(frame, part_form(group, kind, name, stands, None), stand=stand)


SETTINGS_PAGES = [settings_page, new_page, one_page]


def check_group(group: str, kind: str, name: str) -> None:
    """Refuse an address that names nothing that can be set here."""
    is_table = group == "table" and name in ONCE
    is_plain = group in _NAMED and not kind
    if not (group == "brands" or is_table or is_plain or kind in KINDS.get(group, {})):  # type: ignore[call-overload]  # any text may stand there
        raise NotFoundException


async def show_settings(frame: Frame, wrong: Form | None = None, notice: str | None = None) -> Response[str]:
    """Return the whole page; a form that was wrong stands there as it was typed."""
    stand = await stand_of(frame.site)
    forms = {table: table_form(table, frame.site.settings, None) for table in TABLES}
    if wrong is not None:
        forms[wrong.group] = wrong  # type: ignore[index]  # it is one of the three
    state = {row.name: row for row in await asyncio.to_thread(frame.site.reader.sources)}
    tried = await asyncio.to_thread(_tried, frame.site)
    return await asyncio.to_thread(
        frame.page, "settings.html", "settings",
        stand=stand, forms=forms, notice=notice, state=state, tried=tried, kinds=KINDS, tongues=TONGUES, zones=zones(),
        words_of=words_of, once=ONCE, plains=PLAIN, channel_of=webhook_channel,
        mirror_periods=MIRROR_PERIODS, mail_senders=mail_senders(frame.site.settings),
        said=lambda sentence: said(frame, sentence), doors_of=doors_of, interfaces=LANGUAGES,
    )  # fmt: skip


async def show_one(
    frame: Frame,
    form: Form,
    *,
    stand: Stand | None = None,
    look: Look | None = None,
    heard: Heard | ReplierTrial | None = None,
) -> Response[str]:
    """Return the page of one form."""
    stand = stand or await stand_of(frame.site)
    context: dict[str, Any] = {"stand": stand, "form": form, "look": look, "heard": None, "able": None}
    context["able" if isinstance(heard, ReplierTrial) else "heard"] = heard
    form.offers = await asyncio.to_thread(offers_of, frame)
    return await asyncio.to_thread(
        frame.page, "settings_one.html", "settings",
        said=lambda sentence: said(frame, sentence), doors_of=doors_of, proposals=proposals,
        learnt=_learnt(frame, form), **context,
    )  # fmt: skip


def _learnt(frame: Frame, form: Form) -> ContextFigures | None:
    """Return how well a brand tells what is not about it."""
    return figures_of_brand(frame.site.root, form.name) if form.group == "brands" and form.name else None


def said(frame: Frame, sentence: str) -> Any:
    """Return a sentence of ours by its key, else what is wrong with a query, else the English that we have."""
    if sentence in catalogue("en"):
        return frame.speech.say(sentence)
    return query_trouble(sentence, frame.speech)


def doors_of(kind: str) -> tuple[str, ...]:
    """Return the addresses at which a type of receiver is sent to."""
    paths: tuple[str, ...] = registry.load("receivers", kind).paths
    return tuple(path for path in paths if path.startswith("/v1/") and len(path) > 5)


def _tried(site: Site) -> dict[str, tuple[Entry, Message]]:
    """Return the last test of each sender."""
    found = site.reader.entries(TRIAL_KEYS, _MOST_TRIALS)
    return {entry.channel: (entry, msgspec.json.decode(entry.payload, type=Message)) for entry in found}
