"""What people tell the mirror: moments, what was renewed, what they did with advice; and which edition they want."""

from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.edition import Period
from gehoor.core.errors import SettingError
from gehoor.core.mirror_change import Renewal, Said
from gehoor.core.mirror_closer import Look
from gehoor.core.mirror_reader import day_number, iso_day
from gehoor.core.tables import mirror as tables
from gehoor.run.mirror.child import Wanted
from gehoor.run.mirror.closer_child import look_in_child
from gehoor.run.mirror.going_round import send_round
from gehoor.run.mirror.night import make_and_keep, one_at_a_time
from gehoor.run.workplace import Workplace

__all__ = ["ACTS", "NewMoment", "act_on_mirror", "replace_moments"]

_LONGEST, _LONGEST_NOTE, _MOST = 120, 500, 2_000
ACTS = ("edition", "closer", "add_moments", "drop_moment", "add_renewal", "drop_renewal", "say_advice", "send")


class NewMoment(msgspec.Struct, frozen=True, kw_only=True):
    """A moment as somebody tells it; `source` is what a calendar calls it, and replaces what came under that name."""

    name: str
    since: int
    until: int
    kind: str = "other"
    brand: str = ""
    source: str = ""


class _Edition(msgspec.Struct, frozen=True, kw_only=True):
    day: str | None = None
    period: Period = "day"
    brand: str = ""


class _Moments(msgspec.Struct, frozen=True, kw_only=True):
    moments: list[NewMoment]
    said_by: str = "you"


class _Drop(msgspec.Struct, frozen=True, kw_only=True):
    id: int


class _Renewal(msgspec.Struct, frozen=True, kw_only=True):
    day: str
    kind: Renewal
    name: str
    note: str = ""
    brand: str = ""
    said_by: str = "you"


class _Advice(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    state: Said
    said_by: str = "you"


async def act_on_mirror(owner: Workplace, act: str, arguments: dict[str, Any]) -> Any:
    """Do one of `ACTS`; return the last day of the edition, a closer look, or the number of what was added or changed.

    Raises
    ------
    SettingError
        The act is not known, or what it is told is wrong.
    """
    if act not in ACTS:
        raise SettingError(f"With the mirror one can {', '.join(ACTS)}; not {act!r}.")
    try:
        if act == "edition":
            return await _make(owner, msgspec.convert(arguments, _Edition))
        if act == "closer":
            return await _look(owner, msgspec.convert(arguments, Look))
        if act == "send":
            return await owner.on_writer(lambda: send_round(owner, arguments))
        return await owner.on_writer(lambda: _write(owner, act, arguments))
    except msgspec.ValidationError as error:
        raise SettingError(f"That is not how the mirror is told of {act}: {error}.") from None


async def _look(owner: Workplace, look: Look) -> dict[str, Any]:
    async with one_at_a_time(owner.root):  # it renews the marts
        return await look_in_child(owner.root, owner.clock.now(), look)


async def _make(owner: Workplace, wanted: _Edition) -> str:
    day = None
    if wanted.day is not None:
        try:
            day = day_number(wanted.day)
        except ValueError:
            raise SettingError(f"{wanted.day[:40]!r} is no day. Write it as 2026-11-22.") from None
    asked = Wanted(brands=[wanted.brand], periods=[wanted.period], day=day)
    return iso_day(await make_and_keep(owner, asked))


def _write(owner: Workplace, act: str, arguments: dict[str, Any]) -> int:
    now = owner.clock.now()
    with owner.projector.engine.begin() as tx:
        if act == "add_moments":
            return _add_moments(tx, msgspec.convert(arguments, _Moments), now)
        if act == "add_renewal":
            return _add_renewal(tx, msgspec.convert(arguments, _Renewal), now)
        if act == "say_advice":
            return _say(tx, msgspec.convert(arguments, _Advice), now)
        table: Literal["moment", "renewal"] = "moment" if act == "drop_moment" else "renewal"
        return _drop(tx, table, msgspec.convert(arguments, _Drop).id)


def _add_moments(tx: sa.Connection, told: _Moments, now: int) -> int:
    if len(told.moments) > _MOST:
        raise SettingError(f"At most {_MOST:,} moments at once; these are {len(told.moments):,}.")
    table, added = tables.moment, 0
    for one in told.moments:
        name = _name(one.name, "moment")
        if one.until <= one.since:
            raise SettingError(f"{name}: it ends before it begins.")
        if one.source:
            tx.execute(sa.delete(table).where(table.c.source == one.source))
        values = {**msgspec.structs.asdict(one), "name": name, "at": now, "said_by": told.said_by}
        (added,) = tx.execute(sa.insert(table).values(values)).inserted_primary_key or (0,)
    return int(added)


def replace_moments(tx: sa.Connection, prefix: str, moments: list[NewMoment], now: int) -> None:
    """Note moments in the place of all whose source begins as theirs does; see `add_moments` for what is refused."""
    tx.execute(sa.delete(tables.moment).where(tables.moment.c.source.startswith(prefix, autoescape=True)))
    _add_moments(tx, _Moments(moments=moments[:_MOST], said_by="calendar"), now)


def _add_renewal(tx: sa.Connection, told: _Renewal, now: int) -> int:
    try:
        day = day_number(told.day)
    except ValueError:
        raise SettingError(f"{told.day[:40]!r} is no day. Write it as 2026-11-22.") from None
    values = {
        "day": day, "kind": told.kind, "name": _name(told.name, "renewal"), "note": told.note[:_LONGEST_NOTE],
        "brand": told.brand, "at": now, "said_by": told.said_by,
    }  # fmt: skip
    (added,) = tx.execute(sa.insert(tables.renewal).values(values)).inserted_primary_key or (0,)
    return int(added)


def _say(tx: sa.Connection, told: _Advice, now: int) -> int:
    table = tables.advice
    values = {"state": told.state, "state_day": now // DAY_US, "said_by": told.said_by}
    found = tx.execute(sa.update(table).where(table.c.id == told.id).values(values)).rowcount
    if not found:
        raise SettingError(f"There is no advice {told.id[:80]!r}. The edition shows which there are: gehoor mirror")
    return int(found)


def _drop(tx: sa.Connection, name: Literal["moment", "renewal"], id_: int) -> int:
    table = {"moment": tables.moment, "renewal": tables.renewal}[name]
    return int(tx.execute(sa.delete(table).where(table.c.id == id_)).rowcount)


def _name(text: str, what: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST:
        raise SettingError(f"A {what} has a name of at most {_LONGEST} characters.")
    return name
