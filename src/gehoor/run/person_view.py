"""One person on one page: who it is and why we think so, what they said and did, who looked."""

from collections.abc import Iterable, Sequence

import msgspec
import pyarrow.compute as pc

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.person_reader import Account, Choice, EvidenceLine, Look, PersonReader, name_of_person
from gehoor.core.post import Post, PostFilter
from gehoor.core.reader import Reader
from gehoor.know.cell_code import MEASURES, Cells, choice_of, currency_of
from gehoor.know.cells import Names, cells_of
from gehoor.know.earlier import earlier_rows
from gehoor.know.profile import Profile
from gehoor.know.tally import Tally, pairs_of, summed

__all__ = ["AccountView", "PersonView", "profile_of", "view_of"]

_POSTS = 50
_GROUPS = ("channel", "brand", "about", "promotion", "intent", "need")


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the person; a reply to what was said there goes there."""

    actor_key: int
    channel: str
    actor: str
    name: str | None


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a person at one moment. Days since 1970; money by currency.

    Attributes
    ----------
    totals : dict
        `core` counts by measure: said, ordered, contacted, answered ...
    lately : dict
        By measure the counts that halve in 7, 30 and 180 days.
    names : dict
        By group (channel, brand, promotion, intent ...) the eight counted most, and the rest as one number.
    tones : list
        By week: its first day, how much was said, negative, positive.
    posts : list of Post
        The newest fifty things said or done, newest first.
    """

    id: str
    accounts: list[AccountView]
    first_day: int | None
    last_day: int | None
    totals: dict[str, int]
    lately: dict[str, dict[int, float]]
    spend: dict[str, float]
    gaps: tuple[int, float | None, float | None, int | None]
    names: dict[str, tuple[list[tuple[str, int]], int]]
    tones: list[tuple[int, int, int, int]]
    consent: dict[str, tuple[bool, int]]
    evidence: list[EvidenceLine]
    choices: list[Choice]
    looks: list[Look]
    posts: list[Post]


def view_of(reader: Reader, accounts: Sequence[Account], now: int) -> PersonView:
    """Return all that is known of the person with these accounts.

    Raises
    ------
    SettingError
        Nothing was ever heard of them.
    """
    people, keys = PersonReader(reader), [account.actor_key for account in accounts]
    profile = profile_of(reader, accounts)
    posts = _posts(reader, accounts)
    if not posts and not len(profile.n) and not people.accounts_of(keys[0]):
        raise SettingError(f"Nobody with the id {accounts[0].actor!r} was heard on {accounts[0].channel}.")
    person, gaps = min(account.person for account in accounts), profile.gaps()
    return PersonView(
        id=name_of_person(person),
        accounts=[AccountView(actor_key=a.actor_key, channel=a.channel, actor=a.actor, name=a.name) for a in accounts],
        first_day=profile.first_day,
        last_day=profile.last_day,
        totals={measure: n for measure in MEASURES if (n := profile.total(measure))},
        lately={measure: profile.decayed(measure, now // DAY_US) for measure in ("said", "ordered", "contacted")},
        spend=profile.spend(),
        gaps=(gaps.n, _number(gaps.log_mean), _number(gaps.log_variance), gaps.last),
        names={group: (counted.top, counted.rest) for group in _GROUPS if (counted := profile.names(group))},
        tones=profile.tones(),
        consent=profile.consent(),
        evidence=people.evidence(keys),
        choices=people.choices(keys),
        looks=people.looks({person, *keys}, limit=20),
        posts=posts,
    )


def profile_of(reader: Reader, accounts: Sequence[Account]) -> Profile:
    """Return the profile of some accounts together; of a stranger, of whom none is kept, from what the ledger holds."""
    stored = pairs_of([0] * len(accounts), [account.cells for account in accounts])
    names, tally = Names(), Tally()
    tally.add(stored)
    strangers = [account.actor_key for account in accounts if not account.cells]
    if strangers:
        for rows in earlier_rows(reader, strangers, reader.head()):
            found = cells_of(rows.filter(pc.equal(rows.column("direction"), "in")), names, 1)
            tally.add(Cells(found.actor * 0, found.cell, found.n))
    cells = summed(tally.taken())
    codes = {*cells.cell.tolist(), *currency_of(cells.cell).tolist(), *choice_of(cells.cell).tolist()}
    called = {code: name for code, name, _ in names.taken()}
    return Profile(cells.cell, cells.n, called | PersonReader(reader).names(_only_names(codes)))


def _only_names(codes: Iterable[int]) -> list[int]:
    """Return those that are no days: nothing but names is looked up."""
    return [code for code in codes if code >> 59 > 1]


def _posts(reader: Reader, accounts: Sequence[Account]) -> list[Post]:
    found = [
        post
        for account in accounts
        for post in reader.posts(PostFilter(actor=account.actor, channel=account.channel), _POSTS)
    ]
    return sorted(found, key=lambda post: post.event_at, reverse=True)[:_POSTS]


def _number(value: float) -> float | None:
    return None if value != value else value  # noqa: PLR0124  # not a number is unlike itself
