"""An edition with something of everything, to look at: figures nobody measured, words of the cast."""

import math
from datetime import date, timedelta

import msgspec

from gehoor.core.alert import Quote
from gehoor.core.edition import Channel, Competitor, Edition, Listening, Opens, Relation, Society, Theme
from gehoor.core.mirror_change import Advice, Driver, Explained, Followed, Lift, Renewed, Shifted
from gehoor.core.mirror_figure import Curve, Figure, Index, Part, Slice, Truth, Unknown
from gehoor.core.post import PostFilter
from tests.cast import NOON

__all__ = ["empty_edition", "full_edition"]

_LAST = date(2026, 4, 13)


def _figure(value: float, off: float, unit: str = "points") -> Figure:
    return Figure(value=value, low=value - off, high=value + off, unit=unit)


def _index(name: str, value: float, change: float, slope: float, parts: tuple[str, ...]) -> Index:
    missing = Part(name="response", share=Figure(unit="share"), z=None, weight=0.0)
    known = tuple(Part(name=one, share=_figure(0.31, 0.04, "share"), z=1.2, weight=1 / len(parts)) for one in parts)
    return Index(
        name="captivating" if name == "captivating" else "binding",
        relative=_figure(value, 4.4),
        level=_figure(31.4, 1.2),
        before=_figure(value - change, 4.0),
        change=_figure(change, 2.0),
        slope=_figure(slope, 2.0),
        parts=(*known, missing),
        changed=parts[:1],
        n_days=364,
    )


def _curve() -> Curve:
    days = [_LAST - timedelta(days=back) for back in range(363, -1, -1)]
    waves = [50 + 8 * math.sin(place / 23) + 3 * math.sin(place * 1.7) for place in range(364)]
    binding = [56 - place / 30 + 2 * math.sin(place * 1.3) for place in range(364)]
    return Curve(
        days=tuple(day.isoformat() for day in days),
        captivating=tuple(None if 150 < place < 157 else value for place, value in enumerate([*waves[:-1], 71.0])),
        binding=(*binding[:-1], 43.0),
        people=(900,) * 364,
        posts=(1500,) * 364,
    )


def _driver(measure: str, value: str, before: float, now: float, text: str) -> Driver:
    quote = Quote(seq=1, actor="a", actor_name="Reiziger", channel="mastodon", event_at=NOON, text=text)
    return Driver(
        id=f"{measure}-need-{value}",
        measure=measure,
        dimension="need",
        value=value,
        before=before,
        now=now,
        change=_figure(now / before, 0.3, "times"),
        adds=0.4,
        n_people=1420,
        p=0.0004,
        quotes=(quote, quote),
        posts=PostFilter(need=value),
    )


def full_edition() -> Edition:
    """Return an edition of a day in which much happened."""
    waiting = _driver(
        "complaint", "waiting", 130, 1420, "Al twee uur in de wacht. Mijn geduld vliegt in elk geval wél."
    )
    staff = _driver("praise", "staff", 40, 98, "Om drie uur belde er iemand, om half vier zat er een mens naast haar.")
    gone = Driver(
        id="retention-channel-bluesky",
        measure="retention",
        dimension="channel",
        value="bluesky",
        before=0.44,
        now=0.31,
        change=_figure(-0.13, 0.04, "share"),
        adds=-0.05,
        n_people=3050,
        p=0.001,
    )
    return Edition(
        workspace="Noordvlucht",
        brand="",
        period="day",
        first_day=_LAST.isoformat(),
        last_day=_LAST.isoformat(),
        made_at=NOON,
        is_over=True,
        n_people=15_900,
        n_posts=21_300,
        n_left_out=56,
        n_known=48_000,
        captivating=_index("captivating", 71, 18, 0.4, ("reach", "novelty", "freshness", "momentum")),
        binding=_index("binding", 43, -4, -9.1, ("retention", "repeat", "reciprocity", "loyal_share")),
        truth=Truth(verdict="better", gain=_figure(0.02, 0.01, "nats"), n_foretold=21, n_needed=12),
        curve=_curve(),
        slices=(
            Slice(
                dimension="channel", name="mastodon", n_people=4100, captivating=_figure(33, 2), binding=_figure(28, 2)
            ),
            Slice(
                dimension="brand", name="noordvlucht", n_people=9100, captivating=_figure(35, 1), binding=_figure(24, 1)
            ),
        ),
        drivers=(waiting, gone, staff),
        explained=(
            Explained(measure="complaint", change=1290, dimension="need", values=("waiting", "booking"), explains=0.81),
            Explained(measure="retention", change=-0.05, rate=-0.048, mix=-0.002, dimension="channel"),
        ),
        shifts=(Shifted(measure="posts", day="2026-04-12", before=2100, after=21_000),),
        moments=(
            Lift(
                moment=1,
                name="Journaal",
                kind="broadcast",
                since=NOON,
                until=NOON,
                lift=_figure(3.2, 0.6, "times"),
                is_real=True,
            ),
            Lift(
                moment=2,
                name="Voorjaarsactie",
                kind="campaign",
                since=NOON,
                until=NOON,
                lift=_figure(1.1, 0.3, "times"),
                is_real=False,
            ),
        ),
        advice=(
            Advice(
                id="a1",
                act="mend",
                because=waiting,
                n_people=1420,
                gain=_figure(1.4, 1.1),
                index="binding",
                effort="large",
            ),
            Advice(
                id="a2",
                act="win_back",
                because=gone,
                n_people=3050,
                gain=_figure(0.9, 0.6),
                index="binding",
                effort="middle",
            ),
            Advice(
                id="a3",
                act="keep_up",
                because=staff,
                n_people=87,
                gain=_figure(0.7, 0.7),
                index="binding",
                effort="small",
            ),
        ),
        followed=(
            Followed(
                advice="x",
                day="2026-04-12",
                act="answer_sooner",
                dimension="channel",
                value="mastodon",
                measure="answered",
                state="done",
                before=0.6,
                then=0.3,
                now=0.52,
                helped=True,
            ),
        ),
        renewals=(
            Renewed(
                id=1, day="2026-03-01", kind="offer", name="Zelf omboeken in de app", lift=_figure(0.82, 0.1, "times")
            ),
        ),
        channels=(
            Channel(
                name="bluesky",
                n_people=6200,
                n_people_before=4400,
                n_posts=9000,
                n_posts_before=6000,
                ours=0.2,
                theirs=0.4,
                forecast=_figure(7000, 500, "people"),
                way="filling",
            ),
            Channel(
                name="x",
                n_people=1200,
                n_people_before=1900,
                n_posts=2000,
                n_posts_before=3000,
                ours=0.1,
                theirs=0.1,
                forecast=_figure(900, 150, "people"),
                way="emptying",
                went_to=(("bluesky", 240), ("", 90)),
            ),
            Channel(
                name="phone",
                n_people=80,
                n_people_before=0,
                n_posts=80,
                n_posts_before=0,
                ours=0.9,
                theirs=0.1,
                forecast=Figure(unit="people"),
                way="unknown",
            ),
        ),
        relations=(
            Relation(
                role="customer",
                n_people=9000,
                n_posts=12_000,
                n_posts_before=2000,
                tone=_figure(-0.3, 0.05, "tone"),
                tone_before=_figure(0.1, 0.05, "tone"),
            ),
            Relation(
                role="press",
                n_people=12,
                n_posts=40,
                n_posts_before=9,
                tone=_figure(-0.4, 0.2, "tone"),
                tone_before=_figure(0.0, 0.2, "tone"),
            ),
            Relation(
                role="staff",
                n_people=20,
                n_posts=90,
                n_posts_before=80,
                tone=_figure(0.3, 0.1, "tone"),
                tone_before=_figure(0.2, 0.1, "tone"),
            ),
        ),
        competitors=(
            Competitor(
                brand="noordvlucht",
                is_ours=True,
                n_posts=9000,
                voice=_figure(0.5, 0.02, "share"),
                voice_before=_figure(0.3, 0.02, "share"),
                praise=_figure(0.2, 0.02, "share"),
                leaving=_figure(0.6, 0.05, "share"),
                motives=(("delivery", 41), ("price", 30)),
            ),
            Competitor(
                brand="zuiderlucht",
                is_ours=False,
                n_posts=4000,
                voice=_figure(0.2, 0.02, "share"),
                voice_before=_figure(0.3, 0.02, "share"),
                praise=_figure(0.3, 0.02, "share"),
                leaving=_figure(0.1, 0.05, "share"),
            ),
        ),
        listening=Listening(
            n_spoke=15_900,
            n_asked=8100,
            n_answered=3480,
            answered=_figure(0.43, 0.02, "share"),
            thanked=_figure(0.3, 0.05, "share"),
            n_ours=4000,
            n_answers=3600,
            n_theirs=21_300,
            society_posts=48,
            society=_figure(0.25, 0.1, "share"),
        ),
        society=Society(
            themes=(
                Theme(
                    motive="trust",
                    n=48,
                    n_before=40,
                    negative=_figure(0.25, 0.1, "share"),
                    posts=PostFilter(kind="say", motive="trust"),
                ),
            ),
        ),
        opens=(Opens(name="posts", n=21_300, posts=PostFilter(kind="say")),),
        unknown=(Unknown(why="no_views", parts=("response", "freshness")), Unknown(why="gap", n=6)),
    )


def empty_edition() -> Edition:
    """Return the edition of a first day on which nobody said anything."""
    nothing, tone = Figure(unit="points"), Figure(unit="tone")
    share = Figure(unit="share")
    parts = tuple(Part(name=name, share=share, z=None, weight=0.0) for name in ("reach", "novelty"))
    captivating = Index(
        name="captivating", relative=nothing, level=nothing, before=nothing, change=nothing, slope=nothing, parts=parts
    )
    return Edition(
        workspace="Nieuw",
        brand="",
        period="day",
        first_day="2026-04-13",
        last_day="2026-04-13",
        made_at=NOON,
        is_over=True,
        captivating=captivating,
        binding=msgspec.structs.replace(captivating, name="binding"),
        truth=Truth(verdict="too early", gain=Figure(unit="nats"), n_foretold=0, n_needed=12),
        listening=Listening(answered=share, thanked=share, society=tone),
        unknown=(Unknown(why="nothing"), Unknown(why="first_days", days=363), Unknown(why="few_people", n=0)),
    )
