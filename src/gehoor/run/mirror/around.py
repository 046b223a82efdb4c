"""Around us: channels that fill or empty, people by role, brands beside each other, who was heard."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from scipy.stats import t

from gehoor.core.alert import ROLES
from gehoor.core.edition import Channel, Competitor, Listening, Relation
from gehoor.core.mirror_figure import Figure
from gehoor.mirror.base import Floats
from gehoor.run.mirror.counts import Counts
from gehoor.run.mirror.people import People
from gehoor.run.mirror.share import share
from gehoor.run.mirror.society import SOCIETY, said_of

__all__ = ["channels", "competitors", "listening", "relations"]

_Z = 1.6449  # 90 %
_FEWEST, _MOST, _WIDEST = 10, 12, 10.0


# -- channels -----------------------------------------------------------------------------------------------------

_PEOPLE = """
    SELECT channel, count(DISTINCT person) FILTER (day > $d - 28),
           count(DISTINCT person) FILTER (day <= $d - 28), sum(n_said) FILTER (day > $d - 28),
           sum(n_said) FILTER (day <= $d - 28)
    FROM did ANTI JOIN machines USING (person) WHERE day > $d - 56 AND day <= $d GROUP BY channel ORDER BY 2 DESC, 1"""
_SPOKEN = """
    SELECT channel, count(*) FILTER (kind = 'ours'),
           count(*) FILTER (kind = 'say' AND target IN (SELECT object FROM talk WHERE kind = 'ours'))
    FROM talk WHERE day > $d - 28 AND day <= $d GROUP BY channel"""
_MOVED = """
    WITH was AS (SELECT DISTINCT person, channel FROM did WHERE day > $d - 56 AND day <= $d - 28),
         now AS (SELECT DISTINCT person, channel FROM did WHERE day > $d - 28 AND day <= $d),
         lost AS (SELECT * FROM was ANTI JOIN now USING (person, channel))
    SELECT lost.channel, coalesce(now.channel, ''), count(DISTINCT lost.person)
    FROM lost LEFT JOIN now USING (person) GROUP BY ALL HAVING count(DISTINCT lost.person) >= 10 ORDER BY 3 DESC, 2"""
_WEEKLY = """
    SELECT channel, ($d - day) // 28 AS ago, count(DISTINCT person) FROM did
    WHERE day > $d - 336 AND day <= $d GROUP BY ALL"""


def channels(people: People, day: int) -> list[Channel]:
    """Return how each channel fills or empties, most people first."""
    rows: list[Any] = people.rows(_PEOPLE, d=day)
    talked: dict[str, tuple[int, int]] = {row[0]: (row[1], row[2]) for row in _rows(people, _SPOKEN, day)}
    went: dict[str, list[tuple[str, int]]] = {}
    for start, end, n in _rows(people, _MOVED, day):
        went.setdefault(start, []).append((end, int(n)))
    months: dict[str, dict[int, int]] = {}
    for name, ago, n in _rows(people, _WEEKLY, day):
        months.setdefault(name, {})[int(ago)] = int(n)
    found = []
    for name, n_people, n_before, n_posts, n_posts_before in rows[:_MOST]:
        ours, theirs = talked.get(name, (0, 0))
        forecast = _forecast(months.get(name, {}))
        found.append(
            Channel(
                name=name, n_people=n_people, n_people_before=n_before, n_posts=int(n_posts or 0),
                n_posts_before=int(n_posts_before or 0), ours=ours / max(n_people, 1),
                theirs=theirs / max(n_people, 1), forecast=forecast, way=_way(forecast, n_people),
                went_to=tuple(went.get(name, ())),
            )
        )  # fmt: skip
    return found


def _rows(people: People, query: str, day: int) -> list[Any]:
    return list(people.rows(query, d=day))


def _forecast(months: Mapping[int, int]) -> Figure:
    """Return people of the next 28 days, as a walk with drift in logarithms goes on.

    No value under five months, or where it could be anything.
    """
    known = [months[ago] for ago in range(max(months, default=0), -1, -1) if ago in months]
    if len(known) < 5 or known[-1] < _FEWEST:
        return Figure(unit="people", good="up")
    steps: Floats = np.diff(np.log(np.array(known, np.float64)))
    n = len(steps)
    middle, spread = float(np.log(known[-1]) + steps.mean()), float(steps.std(ddof=1) * np.sqrt(1 + 1 / n))
    far = float(t.ppf(0.95, n - 1)) * max(spread, 1 / np.sqrt(known[-1]))  # people come by chance at least
    if far > np.log(_WIDEST):
        return Figure(unit="people", good="up")  # from a tenth to tenfold is no forecast
    value, low, high = (float(np.exp(middle + side * far)) for side in (0, -1, 1))
    return Figure(value=value, low=low, high=high, unit="people", good="up")


def _way(forecast: Figure, n: int) -> Literal["filling", "emptying", "steady", "unknown"]:
    if forecast.low is None or forecast.high is None:
        return "unknown"
    return "filling" if forecast.low > n else "emptying" if forecast.high < n else "steady"


# -- relations and brands -----------------------------------------------------------------------------------------

_BY_ROLE = """
    SELECT role, count(DISTINCT person) FILTER (day > $d - 28 AND n > 0), sum(n_said) FILTER (day > $d - 28),
           sum(n_positive) FILTER (day > $d - 28), sum(n_negative) FILTER (day > $d - 28),
           sum(n_said) FILTER (day <= $d - 28), sum(n_positive) FILTER (day <= $d - 28),
           sum(n_negative) FILTER (day <= $d - 28)
    FROM did JOIN roles USING (person) WHERE day > $d - 56 AND day <= $d GROUP BY role"""
_BRANDS = """
    SELECT brand, dimension, value, sum(n_posts) FILTER (day > $d - $n), sum(n_praise) FILTER (day > $d - $n),
           sum(n_leaving) FILTER (day > $d - $n), sum(n_posts) FILTER (day <= $d - $n)
    FROM cells WHERE dimension IN ('', 'motive') AND brand <> '' AND day > $d - 2 * $n AND day <= $d GROUP BY ALL"""


def relations(people: People, roles: pa.Table, day: int) -> list[Relation]:
    """Return strength and direction of what holds between us and people of each role.

    Parameters
    ----------
    roles : Arrow table
        person, role.
    """
    people.base.register("roles", roles)
    rows = {row[0]: [int(value or 0) for value in row[1:]] for row in _rows(people, _BY_ROLE, day)}
    return [
        Relation(
            role=role, n_people=rows[role][0], n_posts=rows[role][1], n_posts_before=rows[role][4],
            tone=_tone(*rows[role][1:4]), tone_before=_tone(*rows[role][4:7]),
        )
        for role in ROLES
        if role in rows
    ]  # fmt: skip


def _tone(n: int, positive: int, negative: int) -> Figure:
    """Return how people speak: the share of positive posts less that of negative ones."""
    if not n:
        return Figure(unit="tone", good="up")
    value = (positive - negative) / n
    # half a post of each kind: three posts that are all negative do not prove that all are
    spread = np.sqrt(max((positive + negative + 1) / (n + 1) - value**2, 1 / (n + 1)) / (n + 1))
    low, high = max(-1.0, value - _Z * spread), min(1.0, value + _Z * spread)
    return Figure(value=value, low=float(low), high=float(high), unit="tone", good="up")


def competitors(people: People, day: int, days: int, ours: str) -> list[Competitor]:
    """Return the brands beside each other, most said first; `ours` is the first of the settings."""
    rows: list[Any] = people.rows(_BRANDS, d=day, n=days)
    whole = {row[0]: [int(value or 0) for value in row[3:]] for row in rows if row[1] == ""}
    sums = [sum(column) for column in zip(*whole.values(), strict=True)]
    found = []
    for brand, (n, praise, leaving, before) in sorted(whole.items(), key=lambda pair: (-pair[1][0], pair[0])):
        good: Literal["up", "neither"] = "up" if brand == ours else "neither"
        why = {row[2]: int(row[5] or 0) for row in rows if row[:2] == (brand, "motive") and row[2] not in ("", "none")}
        found.append(
            Competitor(
                brand=brand, is_ours=brand == ours, n_posts=n, voice=share(n, sums[0], good),
                voice_before=share(before, sums[3]), praise=share(praise, sums[1]), leaving=share(leaving, sums[2]),
                motives=tuple(sorted((pair for pair in why.items() if pair[1]), key=lambda one: (-one[1], one[0]))[:3]),
            )
        )  # fmt: skip
    return found


# -- listening ----------------------------------------------------------------------------------------------------

_HEARD = """
    SELECT count(*) FILTER (month = 1), sum(asked), sum(answered) FROM persons WHERE $d IS NOT NULL"""
_TALKED = """
    SELECT count(*) FILTER (kind = 'ours'), count(*) FILTER (kind = 'ours' AND target IS NOT NULL),
           count(*) FILTER (kind = 'say') FROM talk WHERE day > $d - 28 AND day <= $d"""
_THANKED = """
    WITH helped AS (SELECT q.person, min(a.at_us) AS at_us FROM talk AS q JOIN talk AS a ON a.target = q.object
                    WHERE q.kind = 'say' AND q.is_question AND a.kind = 'ours' AND a.day > $d - 28 AND a.day <= $d
                      AND q.person IS NOT NULL GROUP BY q.person)
    SELECT count(*), count(*) FILTER (tone = 'positive')
    FROM (SELECT h.person, arg_min(s.sentiment, s.at_us) AS tone FROM helped AS h JOIN talk AS s
          ON s.person = h.person AND s.kind = 'say' AND s.at_us > h.at_us AND s.day <= $d GROUP BY h.person)"""


def listening(people: People, counts: Counts, day: int) -> Listening:
    """Return who spoke and was answered in the 28 days, and how much we talk against how much we listen."""
    [(n_spoke, asked, answered)] = _rows(people, _HEARD, day)
    [(n_ours, n_answers, n_theirs)] = _rows(people, _TALKED, day)
    [(n_after, n_thanked)] = _rows(people, _THANKED, day)
    society = [sum(said_of(counts, what, one) for one in SOCIETY) for what in ("posts", "negative")]
    return Listening(
        n_spoke=int(n_spoke), n_asked=int(asked or 0), n_answered=round(answered or 0),
        answered=share(float(answered or 0), float(asked or 0), "up"), thanked=share(n_thanked, n_after, "up"),
        n_ours=int(n_ours), n_answers=int(n_answers), n_theirs=int(n_theirs), society_posts=int(society[0]),
        society=share(society[1], society[0], "down"),
    )  # fmt: skip
