"""What *Person* shows: a sentence first, then what they say and do, what they are worth, and who says they are one."""

from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from markupsafe import Markup

from gehoor.core.answers import answers_to
from gehoor.core.clock import DAY_US
from gehoor.core.person_reader import Account, PersonReader
from gehoor.core.person_value import PeopleFit, Worth, fit_of, worth_of
from gehoor.core.post import Post
from gehoor.core.reader import Reader
from gehoor.core.record import digest
from gehoor.core.tables.person import person_actor, person_edge, person_value
from gehoor.know.profile import Profile
from gehoor.run.person_view import AccountView, PersonView, profile_of
from gehoor.web.elsewhere import Elsewhere, elsewhere_of, with_us
from gehoor.web.money import money
from gehoor.web.people import called
from gehoor.web.person_line import Line, Past, line_of
from gehoor.web.safe import shorten
from gehoor.web.speech import Speech

__all__ = ["Compared", "Near", "Person", "Tie", "person_of"]

_KEYS = ("customer", "mail", "phone")
_MEASURES = ("tenure_days", "n_order_days", "spend", "n_asked", "n_given")
_QUOTE = 26
_LOYAL_FROM = 0.3


class Tie(msgspec.Struct, frozen=True):
    """Why an account is of this person: kinds of evidence, and who decided it; whether it can be taken apart."""

    account: AccountView
    kinds: tuple[str, ...]
    is_decided: bool


class Near(msgspec.Struct, frozen=True):
    """Somebody who is not taken for the same person, and why that might be wrong: what they share, or who said so."""

    channel: str
    actor: str
    name: str
    kinds: tuple[str, ...]
    is_decided: bool


class Compared(msgspec.Struct, frozen=True):
    """One measure: theirs and that of people like them, as places (0 to 100) on one scale; how many have less."""

    name: str
    theirs: str
    usual: str
    at: float
    usual_at: float
    rank: int


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A page of one person."""

    view: PersonView
    name: str
    sentence: Markup
    wide: Line | None
    narrow: Line | None
    worth: Worth | None
    fit: PeopleFit | None
    most: float
    compared: list[Compared]
    alike: str
    ties: list[Tie]
    near: list[Near]
    n_elsewhere: int
    spend: dict[str, float]
    elsewhere: dict[str, float]
    currency: str


class _Known(NamedTuple):
    reader: Reader
    view: PersonView
    accounts: list[Account]
    profile: Profile
    elsewhere: Elsewhere
    spend: dict[str, float]


def person_of(reader: Reader, view: PersonView, speech: Speech, now: int) -> Person:
    """Return what the page shows of somebody whom the owner has shown, and noted the look."""
    people, fit = PersonReader(reader), fit_of(reader)
    accounts = people.accounts_of(view.accounts[0].actor_key)
    keys = [account.actor_key for account in accounts]
    # counted since the fit was read: the next look shows both
    is_counted = bool(accounts) and fit is not None
    worth = next(iter(worth_of(reader, person_value.c.person == accounts[0].person)), None) if is_counted else None
    elsewhere = elsewhere_of(reader, keys, fit.brand if fit else "")
    known = _Known(reader, view, accounts, profile_of(reader, accounts), elsewhere, with_us(view.spend, elsewhere))
    past = _past(known, now // DAY_US)
    alike = "" if worth is None else "loyal" if worth.p_overlooked >= _LOYAL_FROM else worth.kind
    currency = fit.currency if fit and fit.currency else next(iter(view.spend), "")
    return Person(
        view=view, name=called(people, [accounts[0].person])[accounts[0].person][0] if accounts else
        view.accounts[0].name or view.accounts[0].actor,
        sentence=_sentence(known, speech, worth, currency),
        wide=past and line_of(past, speech, is_wide=True), narrow=past and line_of(past, speech, is_wide=False),
        worth=worth, fit=fit, most=_most(worth), compared=_compared(worth, fit, alike, speech, currency), alike=alike,
        ties=_ties(view), near=_near(known), n_elsewhere=elsewhere.n, spend=known.spend, elsewhere=elsewhere.spend,
        currency=currency,
    )  # fmt: skip


# -- the line -----------------------------------------------------------------------------------------------------


def _past(known: _Known, today: int) -> Past | None:
    profile = known.profile
    first = profile.first_day
    if first is None:
        return None
    by_day = {name: dict(zip(*(c.tolist() for c in profile.days(name)), strict=True)) for name in _SAID}
    said = {day: (n, by_day["negative"].get(day, 0), by_day["positive"].get(day, 0)) for day, n in
            by_day["said"].items()}  # fmt: skip
    spent = dict.fromkeys(by_day["ordered"], 0.0)
    for currency in profile.spend():
        for day, amount in profile.spent(currency):
            if day in spent:
                spent[day] += amount
    posts = [post for post in known.view.posts if post.text and post.direction == "in"]
    objects = [digest(post.channel, post.id) for post in posts]
    answered = [at // DAY_US for at in answers_to(known.reader, objects)]
    last = max(today, profile.last_day or today)
    return Past(first, last, said, spent, known.elsewhere.days, answered, [_quote(post) for post in posts[:12]])


_SAID = ("said", "negative", "positive", "ordered")


def _quote(post: Post) -> tuple[int, str]:
    words = [word for word in (post.text or "").split() if not word.startswith("@")]
    return post.event_at // DAY_US, shorten(" ".join(words), _QUOTE)


# -- the sentence -------------------------------------------------------------------------------------------------


def _sentence(known: _Known, speech: Speech, worth: Worth | None, currency: str) -> Markup:
    totals, parts = known.view.totals, []
    n_orders, n_said = totals.get("ordered", 0) - known.elsewhere.n, totals.get("said", 0)
    if n_orders:
        spent = money(speech, known.spend.get(currency, 0.0), currency)
        parts.append(speech.say("person.sum.orders", n=n_orders, spent=spent))
    if n_said:
        parts.append(speech.say("person.sum.said", n=n_said, negative=totals.get("negative", 0)))
    elif n_orders:
        parts.append(speech.say("person.sum.silent"))
    if not parts:
        parts.append(speech.say("person.sum.looked"))
    if worth is not None:
        parts.append(_about(worth, speech))
    return Markup(" ").join(parts)


def _about(worth: Worth, speech: Speech) -> Markup:
    if worth.is_overlooked:
        usual = speech.amount(worth.usual_given)
        return speech.say("person.sum.overlooked", n=worth.n_given, usual=usual)
    silent = speech.lasting(worth.days_since_last * 86_400)
    if worth.p_alive < 0.5:
        return speech.say("person.sum.leaving", silent=silent, p=speech.share(worth.p_alive, 1))
    return speech.say("person.sum.stays", silent=silent, p=speech.share(worth.p_alive, 1))


# -- theirs, and people like them ---------------------------------------------------------------------------------


def _most(worth: Worth | None) -> float:
    """Return where the scale of money ends."""
    return max(1.0, worth.clv_high * 1.1) if worth else 1.0


def _compared(worth: Worth | None, fit: PeopleFit | None, alike: str, speech: Speech, currency: str) -> list[Compared]:
    if worth is None or fit is None or alike not in fit.alike:
        return []
    usual = fit.alike[alike]
    return [_one(name, float(getattr(worth, name)), usual[name], fit, _Writing(speech, currency)) for name in _MEASURES]


class _Writing(NamedTuple):
    speech: Speech
    currency: str

    def of(self, name: str, value: float) -> str:
        if name == "tenure_days":
            return str(self.speech.lasting(value * 86_400))
        return money(self.speech, value, self.currency) if name == "spend" else self.speech.amount(value)


def _one(name: str, theirs: float, usual: float, fit: PeopleFit, writing: _Writing) -> Compared:
    most = max(theirs, usual, 1e-9) * 1.08
    return Compared(
        name, writing.of(name, theirs), writing.of(name, usual), 100 * theirs / most, 100 * usual / most,
        fit.rank(name, theirs),
    )  # fmt: skip


# -- evidence -----------------------------------------------------------------------------------------------------


def _ties(view: PersonView) -> list[Tie]:
    """Return each account with the kinds of evidence that tie it to another account of the same person."""
    mine = {account.actor_key: account for account in view.accounts}
    givers: dict[int, set[int]] = {}
    kinds: dict[int, set[str]] = {key: set() for key in mine}
    for line in view.evidence:
        if line.kind in _KEYS and line.actor_key in mine:
            givers.setdefault(line.other, set()).add(line.actor_key)
        elif line.actor_key in mine and line.other in mine:
            kinds[line.other].add(line.kind)
            kinds[line.actor_key].add("gave")
    for line in view.evidence:
        if line.actor_key in mine and len(givers.get(line.other, ())) > 1:
            kinds[line.actor_key].add(line.kind)
    decided = {
        key for one in view.choices if one.kind == "same" and {one.left, one.right} <= mine.keys()
        for key in (one.left, one.right)
    }  # fmt: skip
    return [Tie(mine[key], tuple(sorted(kinds[key])), key in decided) for key in mine]


def _near(known: _Known) -> list[Near]:
    """Return who shares a key with them, or was said to be somebody else."""
    mine = {account.actor_key for account in known.accounts}
    shared = {line.other: line.kind for line in known.view.evidence if line.kind in _KEYS and line.actor_key in mine}
    edge = person_edge.c
    rows = known.reader.stored(
        sa.select(edge.actor_key, edge.other).where(edge.other.in_(shared), edge.actor_key.not_in(mine)).limit(20)
    )
    why: dict[int, set[str]] = {}
    for row in rows:
        why.setdefault(row.actor_key, set()).add(shared[row.other])
    apart = {one.left if one.right in mine else one.right for one in known.view.choices if one.kind == "apart"} - mine
    people = PersonReader(known.reader)
    found = people.accounts(person_actor.c.actor_key.in_([*why, *apart]))
    return [
        Near(one.channel, one.actor, one.name or one.actor, tuple(sorted(why.get(one.actor_key, ()))),
             one.actor_key in apart)
        for one in found
    ]  # fmt: skip
