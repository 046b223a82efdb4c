"""What *People* shows: whom a search finds, and lists of customers, each with the reason why they stand there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
import sqlalchemy as sa
from markupsafe import Markup

from gehoor.core.clock import DAY_US
from gehoor.core.own_secret import SECRET_NAME, own_secret
from gehoor.core.person_reader import Account, PersonReader, name_of_person
from gehoor.core.person_value import PeopleFit, Worth, fit_of, worth_of
from gehoor.core.reader import Reader
from gehoor.core.tables.person import person, person_actor, person_value
from gehoor.know.customer_kind import CUSTOMER_KINDS
from gehoor.know.identity import KINDS, Keys
from gehoor.web.money import money
from gehoor.web.site import Site
from gehoor.web.speech import Speech

__all__ = ["LISTS", "KindCount", "Listed", "People", "called", "initials", "people_of", "persons_of_posts"]

ListName = Literal["valuable", "leaving", "overlooked", "new", "talkers"]
LISTS: tuple[ListName, ...] = ("valuable", "leaving", "overlooked", "new", "talkers")

_MOST, _FEW = 24, 12
_NEW_DAYS = 30
_GONE = 0.5
_FAINT = 0.02
_worth = person_value.c


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a list: their address, what they are called, where they are heard, and why they stand here."""

    id: str
    name: str
    channels: tuple[str, ...]
    why: Markup
    worth: Worth | None


class KindCount(msgspec.Struct, frozen=True):
    """How many customers are of a kind, and how wide a bar that is."""

    kind: str
    n: int
    width: float


class People(msgspec.Struct, frozen=True, kw_only=True):
    """A page of people.

    Attributes
    ----------
    shown : str
        One of `LISTS`, or one of `CUSTOMER_KINDS`.
    is_sure : bool
        False where nobody on the list of the overlooked is so for sure.
    """

    shown: str
    query: str
    n: int
    fit: PeopleFit | None
    kinds: list[KindCount]
    rows: list[Listed]
    is_sure: bool = True


def people_of(site: Site, speech: Speech, query: str, wanted: str, now: int) -> People:
    """Return what the page shows: what a search finds, or a list."""
    reader, fit = site.reader, fit_of(site.reader)
    maker = _Lists(reader, speech, fit, now)
    is_sure = fit is None or wanted != "overlooked" or bool(fit.n_overlooked)
    name = wanted if wanted in LISTS or wanted in CUSTOMER_KINDS else LISTS[0]
    name = name if fit is not None and fit.n_customers else "talkers"
    rows = maker.search(site, query) if query else maker.rows(name)
    return People(
        shown="" if query else name, query=query, n=PersonReader(reader).count(), fit=fit, kinds=_kinds(reader),
        rows=rows, is_sure=is_sure,
    )  # fmt: skip


def _kinds(reader: Reader) -> list[KindCount]:
    n = sa.func.count()
    both = person_value.join(person, person.c.person == _worth.person)
    statement = sa.select(_worth.kind, n).select_from(both).where(person.c.may_profile.is_(True)).group_by(_worth.kind)
    counts = dict(tuple(row) for row in reader.stored(statement))
    most = max(counts.values(), default=1)
    return [KindCount(kind, counts[kind], 100 * counts[kind] / most) for kind in CUSTOMER_KINDS if kind in counts]


class _Lists:
    """Makes lists in one language."""

    def __init__(self, reader: Reader, speech: Speech, fit: PeopleFit | None, now: int) -> None:
        self._reader, self._speech, self._fit, self._now = reader, speech, fit, now
        self._people = PersonReader(reader)

    def rows(self, name: str) -> list[Listed]:
        if name == "talkers":
            return self._talkers()
        return self._listed(self._worth(name), name)

    def _worth(self, name: str) -> list[Worth]:
        reader = self._reader
        if name == "leaving":
            gone = (_worth.p_alive < _GONE, _worth.often_fifth >= 4)
            return worth_of(reader, *gone, order_by=_worth.spend.desc(), limit=_MOST)
        if name == "overlooked":
            order = (_worth.p_overlooked * _worth.clv).desc()
            sure = worth_of(reader, _worth.is_overlooked.is_(True), order_by=order, limit=_MOST)
            less = (_worth.p_overlooked > _FAINT, _worth.usual_given >= 1, _worth.n_given < _worth.usual_given)
            return sure or worth_of(reader, *less, order_by=_worth.p_overlooked.desc(), limit=_FEW)
        if name == "new":
            return worth_of(reader, _worth.tenure_days <= _NEW_DAYS, order_by=_worth.tenure_days.asc(), limit=_MOST)
        kind = (_worth.kind == name,) if name in CUSTOMER_KINDS else ()
        return worth_of(reader, *kind, limit=_MOST)

    def _listed(self, rows: Sequence[Worth], name: str) -> list[Listed]:
        names = called(self._people, [row.person for row in rows])
        return [
            Listed(
                id=name_of_person(row.person), name=names[row.person][0], channels=names[row.person][1],
                why=self._why(row, name), worth=row,
            )
            for row in rows
            if row.person in names
        ]  # fmt: skip

    def _why(self, row: Worth, name: str) -> Markup:
        say, share = self._speech.say, self._speech.share
        silent = self._speech.lasting(row.days_since_last * 86_400)
        if name == "leaving":
            return say("people.why.leaving", silent=silent, n=row.n_order_days, p=share(row.p_alive, 1))
        if name == "overlooked":
            usual = self._speech.amount(row.usual_given)
            return say("people.why.overlooked", n=row.n_given, usual=usual, p=share(row.p_overlooked, 1))
        if name == "new":
            since = self._speech.lasting(row.tenure_days * 86_400)
            return say("people.why.new", since=since, n=row.n_order_days)
        spent = money(self._speech, row.spend, self._fit.currency if self._fit else "")
        return say("people.why.valuable", n=row.n_order_days, spent=spent, silent=silent)

    def _talkers(self) -> list[Listed]:
        may = (person.c.may_profile.is_(True), person.c.n_said > 0)
        rows = self._people.persons(*may, order_by="n_said", limit=_MOST)
        names = called(self._people, [row.person for row in rows])
        worth = self._worths([row.person for row in rows])
        return [
            Listed(
                id=name_of_person(row.person), name=names[row.person][0], channels=names[row.person][1],
                why=self._speech.say("people.why.talkers", n=row.n_said, negative=row.n_negative),
                worth=worth.get(row.person),
            )
            for row in rows
        ]  # fmt: skip

    def _worths(self, persons: Sequence[int]) -> dict[int, Worth]:
        if self._fit is None:  # counted since it was read: the next look shows both
            return {}
        return {row.person: row for row in worth_of(self._reader, _worth.person.in_(persons), limit=_MOST)}

    def search(self, site: Site, query: str) -> list[Listed]:
        """Return who is called so, or gave that mail address, phone or customer number."""
        table = person_actor.c
        pattern = query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        like = (table.name.like(f"%{pattern}%", escape="\\"), table.actor.like(f"%{pattern}%", escape="\\"))
        found = [*self._people.accounts(sa.or_(*like)), *self._with_key(site, query)]
        persons = list(dict.fromkeys(account.person for account in found))[:_MOST]
        names, worth = called(self._people, persons), self._worths(persons)
        rows = {row.person: row for row in self._people.persons(person.c.person.in_(persons), limit=_MOST)}
        last = {key: self._speech.day(row.last_day * DAY_US, self._now) for key, row in rows.items()}
        return [
            Listed(
                id=name_of_person(key), name=names[key][0], channels=names[key][1], worth=worth.get(key),
                why=self._speech.say("people.why.found", n=rows[key].n_orders, said=rows[key].n_said, last=last[key]),
            )
            for key in persons
            if key in rows
        ]  # fmt: skip

    def _with_key(self, site: Site, text: str) -> list[Account]:
        if not (site.root / SECRET_NAME).exists():
            return []
        keys = Keys(own_secret(site.root))
        return self._people.accounts_with([key.digest for kind in KINDS for key in keys.keys_of({kind: text})])


def called(people: PersonReader, persons: Sequence[int]) -> dict[int, tuple[str, tuple[str, ...]]]:
    """Return what persons are called, and on which channels they are heard."""
    mine: dict[int, list[Account]] = {}
    for account in people.accounts(person_actor.c.person.in_(persons)):
        mine.setdefault(account.person, []).append(account)
    return {key: (_name(accounts), tuple(dict.fromkeys(one.channel for one in accounts))) for key, accounts in
            mine.items()}  # fmt: skip


def _name(accounts: Iterable[Account]) -> str:
    """Return the longest name with a blank in it, else the first, else an id."""
    names = [account.name for account in accounts if account.name]
    whole = [name for name in names if " " in name]
    return max(whole, key=len) if whole else names[0] if names else next(iter(accounts)).actor


def initials(name: str) -> str:
    """Return what stands in the circle beside a name.

    Examples
    --------
    >>> initials("Saar de Vries"), initials("@mdv_onderweg"), initials("4711")
    ('SV', 'MO', '47')
    """
    words = [word for word in name.replace("@", " ").replace("_", " ").split() if word[0].isalnum()]
    large = [word for word in words if word[0].isupper()] or words
    text = large[0][0] + large[-1][0] if len(large) > 1 else name.lstrip("@")[:2]
    return text.upper()


def persons_of_posts(reader: Reader, keys: Iterable[int]) -> Mapping[int, str]:
    """Return the address of the person of each actor of whom a profile is kept."""
    table = person_actor.c
    rows = reader.stored(sa.select(table.actor_key, table.person).where(table.actor_key.in_(list(keys))))
    return {row.actor_key: name_of_person(row.person) for row in rows}
