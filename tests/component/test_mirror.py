"""The mirror of a workspace: what it measures, what changed, and what it says that it cannot know."""

import asyncio
from pathlib import Path

import pytest

from gehoor.core.clock import DAY_US
from gehoor.core.edition import Edition
from gehoor.core.mirror_reader import MirrorReader, iso_day
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.mirroring import TODAY, crowd, edition, heard, ordered, our_post, said, told


def _why(found: Edition) -> set[str]:
    return {one.why for one in found.unknown}


def _share(found: Edition, name: str) -> float | None:
    parts = {part.name: part for one in (found.captivating, found.binding) for part in one.parts}
    return parts[name].share.value


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Hearing:
    """Hear half a year of a shop in which mail falls silent in the last month, and who asks gets an answer."""
    mastodon = crowd(60, range(1, 180), 0.08)
    mail = crowd(60, range(27, 180), 0.08, channel="mail", seed=2)
    asked = [said(who, 5, "Kun je mij helpen, waar blijft mijn koffer?") for who in range(70, 90)]
    answers = [our_post(5, "We zoeken hem voor je.", to=one.id) for one in asked[:15]]
    thanks = [said(who, 4, "Wat fijn, super bedankt") for who in range(70, 80)]
    posts = [our_post(day, f"Nieuws {day % 30} van ons", views=1_000) for day in range(1, 60)]
    return heard(tmp_path_factory.mktemp("mirror") / "workspace", [*mastodon, *mail, *asked, *answers, *thanks, *posts])


def test_index_says_how_sure_it_is_and_what_it_is_made_of(lively: Hearing) -> None:
    found = edition(lively)
    for one in (found.captivating, found.binding):
        assert one.level.low is not None and one.level.value is not None and one.level.high is not None
        assert one.level.low <= one.level.value <= one.level.high
        assert sum(part.weight for part in one.parts) == pytest.approx(1)
    assert _share(found, "retention") is not None
    assert found.curve.binding[-1] == pytest.approx(found.binding.relative.value)  # one scale: 50 is normal
    assert found.listening.n_asked >= 20
    assert found.listening.answered.value == pytest.approx(15 / found.listening.n_asked, abs=0.08)
    assert found.n_people > 0
    assert {one.name for one in found.channels} >= {"mastodon", "mail"}
    assert "gehoor" not in told(found)


def test_channel_that_fell_silent_is_the_driver_and_advice_brings_its_people_back(lively: Hearing) -> None:
    found = edition(lively)
    driver = next(one for one in found.drivers if one.measure == "retention" and one.value == "mail")
    assert driver.change.high is not None and driver.change.high < 0
    assert 1 <= len(driver.quotes) <= 3
    assert all(quote.text for quote in driver.quotes)
    advice = next(one for one in found.advice if one.because.id == driver.id)
    assert advice.act == "win_back"
    assert advice.gain.value is not None and advice.gain.value > 0
    assert len(found.advice) <= 3


def test_counts_of_an_edition_open_as_many_posts(lively: Hearing) -> None:
    found, reader = edition(lively, period="week"), Reader(lively.root)
    opens = found.opens[0]
    assert len(reader.posts(opens.posts, limit=5_000)) == opens.n == found.n_posts
    reader.close()


def test_rate_and_mix_add_up_to_the_change(lively: Hearing) -> None:
    for one in edition(lively).explained:
        if one.rate is not None and one.mix is not None:
            assert one.rate + one.mix == pytest.approx(one.change)


def test_kept_edition_holds_no_words_of_anybody_and_is_read_with_what_still_stands(lively: Hearing) -> None:
    made = edition(lively)
    with lively.projector.engine.connect() as tx:
        rows = [row[0] for row in tx.exec_driver_sql("SELECT data FROM edition")]
    assert made.drivers[0].quotes and not any(
        quote.text.encode() in data for data in rows for quote in made.drivers[0].quotes
    )
    reader = Reader(lively.root)
    kept = MirrorReader(reader).edition(iso_day(TODAY - 1))
    reader.close()
    assert kept is not None
    assert kept.drivers[0].quotes == made.drivers[0].quotes
    assert kept.binding == made.binding


@pytest.mark.parametrize("period", ["week", "month", "year"])
def test_longer_periods_are_read_too(lively: Hearing, period: str) -> None:
    found = edition(lively, period=period)  # type: ignore[arg-type]  # one of them
    assert found.captivating.level.value is not None
    assert found.period == period


def test_unfinished_day_has_no_reach_and_says_so(lively: Hearing) -> None:
    found = edition(lively, back=0)
    assert not found.is_over
    assert "day_not_over" in _why(found)
    assert next(part for part in found.captivating.parts if part.name == "reach").is_missing


def test_now_is_the_reading_of_today_and_of_no_day_that_is_over(lively: Hearing) -> None:
    edition(lively)
    today = edition(lively, back=0)
    reader = Reader(lively.root)
    found = MirrorReader(reader).now(NOON + 60)
    assert found is not None and found.at == NOON
    assert (found.captivating, found.binding) == (today.captivating.relative, today.binding.relative)
    assert found.binding.low is not None
    assert MirrorReader(reader).now(NOON + DAY_US) is None
    reader.close()


def test_young_mirror_calls_nobody_new_or_loyal_yet(tmp_path: Path) -> None:
    hearing = heard(tmp_path / "workspace", [*crowd(40, range(1, 84)), *(ordered(who, 3) for who in range(20))])
    found = edition(hearing)
    assert {"all_new", "none_loyal"} <= _why(found)
    assert _share(found, "novelty") is None and _share(found, "loyal_share") is None
    for one in (found.captivating, found.binding):
        assert one.relative.value is not None and 2 < one.relative.value < 98
    hearing.close()


def test_early_weeks_are_too_early_for_truth_and_a_half_year_is_not(lively: Hearing, tmp_path: Path) -> None:
    assert edition(lively).truth.n_foretold >= 0
    young = heard(tmp_path / "workspace", crowd(30, range(1, 40)))
    assert edition(young).truth.verdict == "too early"
    young.close()


# -- thin input ---------------------------------------------------------------------------------------------------


def test_nothing_heard_says_nothing_but_that(tmp_path: Path) -> None:
    hearing = heard(tmp_path / "workspace", [])
    found = edition(hearing)
    assert _why(found) == {"nothing"}
    assert found.captivating.relative.value is None
    assert "nothing was heard" in told(found).lower()
    hearing.close()


def test_first_day_of_ten_people_says_what_it_cannot_know(tmp_path: Path) -> None:
    hearing = heard(tmp_path / "workspace", [said(who, 1) for who in range(9)])
    found = edition(hearing)
    assert {"first_days", "few_people", "no_orders", "no_own_posts", "one_channel", "short_past"} <= _why(found)
    assert _share(found, "retention") is None
    assert (
        found.captivating.relative.value is None and found.captivating.level.value is not None
    )  # nothing is usual yet
    assert found.drivers == () and found.advice == ()
    assert "too early" in told(found).lower()
    hearing.close()


def test_orders_of_one_brand_do_not_say_what_size_explains_and_of_two_do(tmp_path: Path) -> None:
    one = heard(tmp_path / "one", [ordered(who, day) for who in range(30) for day in (2, 9)])
    assert "one_brand_ordered" in _why(edition(one))
    one.close()
    both = [ordered(who, day, "Noordvlucht", n) for who in range(40) for day in (2, 9) for n in range(1 + who % 3)]
    both += [ordered(who, 5, "Zuiderwind") for who in range(25, 60)]
    two = heard(tmp_path / "two", both)
    assert _share(edition(two), "repeat") is not None
    two.close()


def test_gap_of_a_week_is_told_as_ours_perhaps(tmp_path: Path) -> None:
    hearing = heard(tmp_path / "workspace", crowd(40, [*range(1, 10), *range(17, 50)]))
    gap = next(one for one in edition(hearing).unknown if one.why == "gap")
    assert gap.n == 7
    hearing.close()


def test_people_who_vanish_are_no_lost_customers(tmp_path: Path) -> None:
    posts = list(crowd(40, range(3, 60), 0.3))
    hearing = heard(tmp_path / "workspace", posts)
    before = edition(hearing, back=2)
    gone = {f"mastodon-{who}" for who in range(12)}
    deleted = [
        Activity(id=f"delete-{one.id}", type="Delete", object=one.id, received=NOON - DAY_US, published=NOON - DAY_US,
                 channel="mastodon", actor=one.actor)
        for one in posts
        if one.actor in gone
    ]  # fmt: skip
    hearing.hear(deleted)
    found = edition(hearing, back=2)
    assert found.n_known == before.n_known - 12
    assert "mass_deletion" in _why(found)
    hearing.close()


def test_machine_that_talks_for_a_hundred_is_left_out(tmp_path: Path) -> None:
    people = list(crowd(50, range(1, 60), 0.3))
    loud = [
        said(99, day, f"{n:05} treinen vandaag: {n * 7919 % 99_991}", ahead_s=n)
        for day in range(1, 9)
        for n in range(40)
    ]
    hearing = heard(tmp_path / "workspace", [*people, *loud])
    found = edition(hearing)
    is_spam = found.n_posts < 40  # then spam is what it is, which counts nowhere either
    assert found.n_left_out == 1 or is_spam
    hearing.close()


# -- what people tell ---------------------------------------------------------------------------------------------


def test_owner_makes_an_edition_and_keeps_what_people_tell(tmp_path: Path) -> None:
    hearing = heard(tmp_path / "workspace", [*crowd(40, range(70), 0.2), *(said(100 + n, 3) for n in range(60))])
    owner = Deciding(hearing)
    moment = {
        "name": "Interview",
        "since": NOON - 3 * DAY_US - DAY_US // 2,
        "until": NOON - 3 * DAY_US + DAY_US // 2,
        "kind": "broadcast",
    }
    number = asyncio.run(owner.call("mirror", act="add_moments", arguments={"moments": [moment]}))
    renewed = {"day": iso_day(TODAY - 40), "kind": "offer", "name": "Maandkaart"}
    asyncio.run(owner.call("mirror", act="add_renewal", arguments=renewed))
    assert asyncio.run(owner.call("mirror", act="edition", arguments={"period": "day"}))
    reader = Reader(hearing.root)
    mirror = MirrorReader(reader)
    found = mirror.edition()
    assert found is not None and found.last_day == iso_day(TODAY - 1)
    assert found.moments[0].name == "Interview" and found.moments[0].is_real
    assert found.renewals[0].lift is not None
    assert mirror.days() == [iso_day(TODAY - 1)]
    assert asyncio.run(owner.call("mirror", act="drop_moment", arguments={"id": number})) == 1
    assert mirror.moments(0, 1 << 60) == []
    assert mirror.pulse(NOON).n >= 0
    reader.close()
    hearing.close()
