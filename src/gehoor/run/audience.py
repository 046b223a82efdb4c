"""Keeps rules about people, and exports whom one holds: for a purpose, to those who allow it, each noted."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from gehoor.core.audience.people import FEWEST, People
from gehoor.core.audience.rule import parse_rule
from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.person_reader import Account, PersonReader, name_of_person
from gehoor.core.reader import Reader
from gehoor.core.settings import load
from gehoor.core.store import put
from gehoor.core.tables.audience import audience
from gehoor.core.tables.person import person, person_actor
from gehoor.know.audit import note_look
from gehoor.know.cell_code import code_of
from gehoor.know.profile import Profile
from gehoor.know.tally import pairs_of, summed
from gehoor.run.workplace import Workplace

__all__ = ["MOST_EXPORTED", "PURPOSES", "act_on_audience"]

Purpose = Literal["marketing", "service"]
PURPOSES: tuple[Purpose, ...] = ("marketing", "service")
"""Marketing takes a yes of the person; service goes without, unless they refused to be answered."""

MOST_EXPORTED = 20_000
_LONGEST_NAME = 80
_MANY = 500


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an export holds: an account a row (person, channel, actor, name), and how many people were left out."""

    rows: list[tuple[str, str, str, str]]
    n_people: int
    n_left_out: int


class _Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act on a rule."""

    rule: str = ""
    name: str = ""
    purpose: Purpose = "marketing"
    said_by: str = "you"


def act_on_audience(owner: Workplace, act: str, arguments: dict[str, Any]) -> Any:
    """Keep a rule, drop one, or export whom it holds; on the writer's thread.

    Raises
    ------
    SettingError
        The rule cannot be read, holds too few or too many, or the act is not known.
    """
    acts: dict[str, Callable[[Workplace, _Act], Any]] = {"keep": _keep, "drop": _drop, "export": _export}
    if act not in acts:
        raise SettingError(f"With a segment one can {', '.join(acts)}; not {act!r}.")
    return acts[act](owner, msgspec.convert(arguments, _Act))


def _keep(owner: Workplace, wanted: _Act) -> bool:
    name = " ".join(wanted.name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise SettingError(f"A segment is kept under a name of at most {_LONGEST_NAME} characters.")
    now = owner.clock.now()
    parse_rule(wanted.rule, now // DAY_US)
    with owner.projector.engine.begin() as tx:
        put(tx, audience, name=name, rule=wanted.rule.strip(), at=now, said_by=wanted.said_by)
    return True


def _drop(owner: Workplace, wanted: _Act) -> bool:
    with owner.projector.engine.begin() as tx:
        return bool(tx.execute(sa.delete(audience).where(audience.c.name == wanted.name)).rowcount)


def _export(owner: Workplace, wanted: _Act) -> Exported:
    if not load(owner.root).know.profiles:
        raise SettingError("Profiles are switched off in this workspace: there is nobody to export.")
    now = owner.clock.now()
    rule = parse_rule(wanted.rule, now // DAY_US)
    owner.projector.flush(everything=True)
    reader = Reader(owner.root)
    try:
        people = [row[0] for row in People(reader).rows(rule, [person.c.person], MOST_EXPORTED + 1)]
        if len(people) > MOST_EXPORTED:
            raise SettingError(f"More than {MOST_EXPORTED:,} people: make the segment smaller.")
        accounts = _accounts(reader, people)
    finally:
        reader.close()
    may = {one for one, theirs in accounts.items() if _allows(theirs, wanted.purpose)}
    if len(may) < FEWEST:
        raise SettingError(f"Fewer than {FEWEST} of these people allow it: nothing is exported.")
    with owner.projector.engine.begin() as tx:
        for one in sorted(may):
            note_look(tx, f"listed_{wanted.purpose}", one, at=now, said_by=wanted.said_by)
    rows = [
        (name_of_person(one), account.channel, account.actor, account.name or "")
        for one in sorted(may)
        for account in accounts[one]
    ]
    return Exported(rows=rows, n_people=len(may), n_left_out=len(people) - len(may))


def _accounts(reader: Reader, people: list[int]) -> dict[int, list[Account]]:
    """Return the accounts of each person."""
    found: dict[int, list[Account]] = {}
    for start in range(0, len(people), _MANY):
        some = people[start : start + _MANY]
        for account in PersonReader(reader).accounts(person_actor.c.person.in_(some)):
            found.setdefault(account.person, []).append(account)
    return found


def _allows(accounts: Iterable[Account], purpose: Purpose) -> bool:
    """Tell whether a person, with all accounts together, allows this: the last word counts."""
    asked = "marketing" if purpose == "marketing" else "reply"
    names = {code_of("consent", text): text for text in (f"{asked}=yes", f"{asked}=no")}
    blobs = [account.cells for account in accounts]
    cells = summed(pairs_of([0] * len(blobs), blobs))
    is_allowed, _ = Profile(cells.cell, cells.n, names).consent().get(asked, (purpose == "service", 0))
    return is_allowed
