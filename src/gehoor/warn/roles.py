"""Who somebody is to us: press, official, staff, supplier, competitor, customer, critic or fan.

In this order: what a person said of them; a list in `gehoor.toml`; words in their name; what they did and said before.
Blind to: profiles (channels hand over names only), and one person with accounts on two channels.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from gehoor.core.alert import ROLES, Role
from gehoor.core.interval import share_of
from gehoor.core.ledger.index import actor_hash
from gehoor.core.post import Post
from gehoor.core.reader import Reader
from gehoor.core.role import key_of, role_of, roles_query
from gehoor.core.settings import Settings

__all__ = ["Person", "RoleBook", "people_of"]

_MOST_PEOPLE, _MOST_ROWS = 40, 4_000
_LEAST_SAID, _SURE = 5, 0.5  # fan or critic: most of at least five posts before, and that is no chance


def _word(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


_WORDS: dict[Role, re.Pattern[str]] = {
    "press": _word(
        r"\w*krant|\w*nieuws|\w*news|\w*journaal|redactie\w*|journalist\w*|verslaggever|reporter|\w*omroep|correspondent|"
        r"persbureau|newsroom|columnist|\w*gazette|\w*magazine|weekblad|dagblad|radio|tv"
    ),
    "official": _word(
        r"gemeente\w*|provincie|ministerie|minister|rijksoverheid|overheid|\w*politie|police|brandweer|waterschap|"
        r"veiligheidsregio|burgemeester|wethouder|kamerlid|council|government|ministry|mayor|inspectie|ombudsman|"
        r"toezichthouder|regulator|embassy|ambassade"
    ),
    "supplier": _word(r"leverancier|toeleverancier|supplier|groothandel|wholesale\w*"),
    "critic": _word(r"boy ?cott?|nooit meer|never again"),
    "fan": _word(r"fan ?club|fan (?:van|of)"),
}
_STAFF = _word(r"medewerk\w+|werkt? bij|employee|works? (?:at|for)|webcare|team|crew")


# all rows count towards how much is looked at; orders, and what was said of the brand, towards who somebody is
_PAST = """
SELECT actor_key, type = 'Track', sentiment, count(*), sum(
    direction = 'in' AND event_at < ? AND (type = 'Track' OR ? = '' OR instr(coalesce(brands, ''), ?) > 0)
) FROM activity WHERE seq {seqs} AND actor_key IN ({keys}) AND state = 0 GROUP BY actor_key, type = 'Track', sentiment
"""
_THESE, _FRESH = "IN (SELECT value FROM json_each(?))", "> ?"
_FIRST = "SELECT event_at FROM activity WHERE seq > ? ORDER BY seq LIMIT 1"


class _Past(NamedTuple):
    """How many rows somebody has of one kind, and how many of them count."""

    actor_key: int
    is_order: bool
    sentiment: str | None
    n: int
    n_counted: int


class Person(NamedTuple):
    """Somebody who spoke in a burst."""

    channel: str
    actor: str
    name: str | None


def people_of(posts: Sequence[Post]) -> list[Person]:
    """Return who spoke, at most forty: whom most people follow and who says most comes first."""
    counted = Counter((post.channel, post.actor) for post in posts if post.actor)
    known = {(post.channel, post.actor): post for post in posts if post.actor}
    ranked = sorted(counted, key=lambda pair: (-(known[pair].actor_followers or 0), -counted[pair], pair))
    chosen = dict.fromkeys([*sorted(counted, key=lambda pair: (-counted[pair], pair))[:10], *ranked])
    return [Person(channel, actor or "", known[channel, actor].actor_name) for channel, actor in chosen][:_MOST_PEOPLE]


class RoleBook:
    """Tells who people are.

    Parameters
    ----------
    reader : Reader
        Of the workspace: what people said of others, and what those did and said before.
    settings : Settings
        Whose `[roles]` and brands count.
    """

    def __init__(self, reader: Reader, settings: Settings) -> None:
        self._reader = reader
        self._listed = {word.casefold().lstrip("@"): role for role in ROLES for word in getattr(settings.roles, role)}
        ours = {word for brand in settings.brands.values() for word in (*brand.terms, brand.label or "")}
        self._ours = [word.casefold().lstrip("@#") for word in ours if word.strip("@# ")]

    def roles(self, people: Sequence[Person], brand: str, before: int) -> dict[Person, Role]:
        """Return the roles of people, of those who have one.

        Parameters
        ----------
        people : sequence of Person
            Who spoke.
        brand : str
            A fan or critic of what; "" is of everything.
        before : int
            What they did and said before this moment counts, microseconds UTC. Cost: some 10 ms for forty people.
        """
        keys = {key_of(person.channel, person.actor): person for person in people}
        said = {row.actor_key: row.role for row in self._reader.stored(roles_query(keys))}
        found = {person: self._by_name(person) for person in people}
        unknown = [key for key, person in keys.items() if key not in said and found[person] is None]
        behaved = self._by_behaviour(unknown, brand, before)
        roles = {
            person: role_of(said[key]) if key in said else found[person] or behaved.get(key)
            for key, person in keys.items()
        }
        return {person: role for person, role in roles.items() if role is not None}

    def _by_name(self, person: Person) -> Role | None:
        name = (person.name or "").casefold()
        for word in (person.actor, f"{person.channel}/{person.actor}", name, f"{person.channel}/{name.lstrip('@')}"):
            if role := self._listed.get(word.casefold().lstrip("@")):
                return role
        if _STAFF.search(name) and any(word in name for word in self._ours):
            return "staff"
        return next((role for role, words in _WORDS.items() if words.search(name)), None)

    def _by_behaviour(self, keys: Sequence[int], brand: str, before: int) -> dict[int, Role]:
        """Return who ordered here before, and who mostly praised or blamed the brand."""
        ordered: set[int] = set()
        tones: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for row in self._past(keys, brand, before):
            if row.is_order and row.n_counted:
                ordered.add(row.actor_key)
            elif row.sentiment:
                tones[row.actor_key][row.sentiment] += row.n_counted
        roles: dict[int, Role] = {key: role for key, tone in tones.items() if (role := _by_tone(tone))}
        return roles | dict.fromkeys(ordered, "customer")

    def _past(self, keys: Sequence[int], brand: str, before: int) -> Iterator[_Past]:
        """Yield what some actors did and said, counted, the newest days first, until that is enough."""
        n = 0
        for segment in reversed(self._reader.segments()) if keys else ():
            indexed = segment.mark("indexed")
            seqs = segment.look_up([actor_hash(key) for key in keys], segment.mark("last_seq"))[-_MOST_ROWS:]
            marks = ", ".join(str(key) for key in keys)
            looks: list[tuple[str, Any]] = [(_THESE, msgspec.json.encode(seqs).decode())]
            # the last hundred thousand rows are in no index: most often they came after all that counts
            if any(at < before for (at,) in segment.query(_FIRST, (indexed,))):
                looks.append((_FRESH, indexed))
            for where, value in looks:
                sql = _PAST.format(seqs=where, keys=marks)
                for row in map(_Past._make, segment.query(sql, (before, brand, brand, value))):
                    n += row.n
                    yield row
            if n >= _MOST_ROWS:
                return


def _by_tone(tones: Mapping[str, int]) -> Role | None:
    n = sum(tones.values())
    if n >= _LEAST_SAID:
        if share_of(tones.get("negative", 0), n).low > _SURE:
            return "critic"
        if share_of(tones.get("positive", 0), n).low > _SURE:
            return "fan"
    return None
