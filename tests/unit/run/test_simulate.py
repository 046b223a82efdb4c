"""The simulated story: what it promises to whoever tries gehoor on it."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest

from gehoor.core.clock import SECOND_US
from gehoor.core.record import Activity
from gehoor.run.simulate.cascade import cascade
from gehoor.run.simulate.company import next_staffed
from gehoor.run.simulate.days import Days
from gehoor.run.simulate.noise import roughen
from gehoor.run.simulate.scenario import Scenario
from gehoor.run.simulate.sentences import load_sentences
from gehoor.run.simulate.simulate import START, simulate

HOUR_US = 3_600 * SECOND_US
SMALL = Scenario(n_days=30, n_people=900, posts_a_day=60, scale=0.15)
FIRST = date(2026, 3, 15)
SAID = frozenset(("Create", "Update"))


@cache
def _story() -> tuple[Activity, ...]:
    return tuple(simulate(14, FIRST, SMALL))


def _truth(activity: Activity) -> dict[str, Any]:
    return dict(msgspec.json.decode(activity.properties or "{}")["simulated"])


def _posts() -> Iterator[Activity]:
    """Yield what people (not we, not scripts) posted."""
    for activity in _story():
        if activity.type == "Create" and activity.direction == "in" and _truth(activity)["role"] != "ring":
            yield activity


def _local(activity: Activity) -> datetime:
    return datetime.fromtimestamp(activity.received / SECOND_US, UTC)


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    tiny = Scenario(n_days=3, n_people=100, posts_a_day=20, scale=0.02)
    first, again, other = (list(simulate(seed, FIRST, tiny)) for seed in (7, 7, 8))
    assert first == again
    assert {a.id for a in first} != {a.id for a in other}


def test_there_are_more_than_600_dutch_and_english_sentences_and_a_few_others() -> None:
    texts = {
        language: {line.text for (spoken, _), lines in load_sentences().items() if spoken == language for line in lines}
        for language in ("nl", "en", "de", "fr", "es")
    }
    assert len(texts["nl"] | texts["en"]) > 1_000
    assert min(len(texts["nl"]), len(texts["en"])) > 300
    assert all(texts.values())


def test_every_need_and_tone_is_written_in_dutch_and_english() -> None:
    for language in ("nl", "en"):
        lines = [line for (spoken, _), found in load_sentences().items() if spoken == language for line in found]
        assert {line.need for line in lines} == {
            "help", "complaint", "question", "praise", "improvement", "leaving", "other",
        }  # fmt: skip
        assert {line.tone for line in lines} == {"negative", "neutral", "positive"}


def test_it_is_told_in_the_order_in_which_it_happens_and_heard_at_once() -> None:
    moments = [activity.received for activity in _story()]
    assert moments == sorted(moments)
    assert all(a.published == a.received for a in _story() if a.type != "Update")
    assert all(a.received - (a.published or 0) < 24 * HOUR_US for a in _story())


def test_no_id_stands_for_two_activities() -> None:
    ids = Counter((activity.channel, activity.id) for activity in _story())
    assert max(ids.values()) == 1


def test_who_answers_likes_edits_or_deletes_does_so_after_it_was_said_on_the_same_channel() -> None:
    said: dict[tuple[str, str], Activity] = {}
    for activity in _story():
        target = activity.in_reply_to or (activity.object if activity.channel != "shop" else None)
        if target is not None:
            assert (activity.channel, target) in said, activity
        if activity.in_reply_to is not None:
            parent = said[activity.channel, activity.in_reply_to]
            assert activity.conversation == (parent.conversation or parent.id)
        said[activity.channel, activity.id] = activity


def test_conversations_grow_into_trees() -> None:
    parents = {a.id: a.in_reply_to for a in _story() if a.type == "Create"}

    def depth(id_: str) -> int:
        parent = parents[id_]
        return 0 if parent is None else 1 + depth(parent)

    depths = Counter(depth(id_) for id_ in parents)
    assert depths[1] > 100
    assert depths[2] > 20
    assert max(depths) >= 3


def test_two_thirds_is_dutch_and_a_quarter_english() -> None:
    n = Counter(post.language for post in _posts())
    total = sum(n.values())
    assert 0.55 < n["nl"] / total < 0.8
    assert 0.15 < n["en"] / total < 0.4
    assert {"de", "fr", "es"} <= set(n)


def test_hardly_any_text_comes_back() -> None:
    texts = Counter(post.text for post in _posts())
    assert len(texts) / sum(texts.values()) > 0.85
    assert texts.most_common(1)[0][1] <= 0.01 * sum(texts.values())


def test_every_slot_is_filled() -> None:
    assert not [activity.text for activity in _story() if "{" in (activity.text or "")]


def test_people_sleep_and_talk_in_the_evening() -> None:
    hours = Counter((_local(post).hour + 2) % 24 for post in _posts() if _truth(post)["phase"] == "ordinary")
    assert hours[20] + hours[19] > 6 * (hours[3] + hours[4])


def test_nobody_answers_on_sunday_evening() -> None:
    answers = [a for a in _story() if a.direction == "out" and a.in_reply_to and _truth(a)["phase"] == "ordinary"]
    assert len(answers) > 200
    assert not [a for a in answers if _local(a).weekday() == 6 and _local(a).hour + 2 >= 18]


def test_a_closed_desk_opens_next_morning() -> None:
    days = Days(START, 84)
    assert next_staffed(days, 3.0) == 8.0
    assert next_staffed(days, 12.5) == 12.5
    assert next_staffed(days, 23.0) == 32.0


def test_everything_carries_its_truth_and_the_right_one() -> None:
    for activity in _story():
        truth = _truth(activity)
        assert {"person", "role", "phase"} <= truth.keys()
        if activity.type == "Create":
            assert truth["need"].split("/")[0] in {
                "help", "complaint", "question", "praise", "improvement", "leaving", "other",
            }  # fmt: skip
            assert truth["tone"] in {"negative", "neutral", "positive"}


def test_a_person_is_one_actor_on_a_channel_through_all_weeks() -> None:
    actors: dict[tuple[int, str], set[str | None]] = {}
    for activity in _story():
        actors.setdefault((_truth(activity)["person"], activity.channel), set()).add(activity.actor)
    assert all(len(names) == 1 for names in actors.values())
    owners = Counter((channel, name) for (_, channel), names in actors.items() for name in names)
    assert max(owners.values()) == 1


def test_orders_are_paid_named_and_told_by_whom_we_know() -> None:
    orders = [activity for activity in _story() if activity.event == "Order Completed"]
    known = {activity.actor for activity in _story() if activity.type == "Identify"}
    assert len(orders) > 200
    assert len({order.object for order in orders}) == len(orders)
    assert all(10 < (order.value or 0) < 4_000 and order.currency == "EUR" for order in orders)
    assert all(1 <= (order.quantity or 0) <= 5 and (order.product or "").startswith("Amsterdam-") for order in orders)
    assert {order.actor for order in orders if order.brand == "Noordvlucht"} <= known


def test_who_leaves_buys_with_us_first_and_elsewhere_then() -> None:
    brands: dict[str, list[str]] = {"early": [], "late": []}
    for activity in simulate(3, START, Scenario(n_people=1_500, posts_a_day=5, scale=0.01)):
        if activity.event == "Order Completed" and _truth(activity).get("fate") in {"leaves", "switches"}:
            day = (activity.received - Days(START, 84).moment(0.0)) / (24 * HOUR_US)
            if day < 12 or day > 82:
                brands["early" if day < 12 else "late"].append(str(activity.brand))
    ours = {name: brand.count("Noordvlucht") / len(brand) for name, brand in brands.items()}
    assert ours["early"] > 0.9
    assert ours["late"] < 0.35
    assert "Zuiderwind" in brands["late"]


def test_frequent_flyers_of_nine_years_order_often() -> None:
    orders = Counter(_truth(a)["person"] for a in _story() if a.event == "Order Completed")
    loyal = {_truth(a)["person"] for a in _story() if _truth(a)["role"] == "frequent"}
    others = {_truth(a)["person"] for a in _story() if _truth(a)["role"] == "traveller"}
    assert np.mean([orders[person] for person in loyal]) > 3 * np.mean([orders[person] for person in others])
    years = [
        2026 - msgspec.json.decode(a.properties or "")["traits"]["customer_since"]
        for a in _story()
        if a.type == "Identify" and _truth(a)["role"] == "frequent"
    ]
    assert max(years) >= 9


def test_one_voice_at_half_past_six_becomes_a_crowd() -> None:
    ash = [post for post in _posts() if _truth(post)["phase"].startswith("ash")]
    first = ash[0]
    assert "Gate D is leeg" in (first.text or "")
    assert (_local(first).hour, _local(first).minute) == (4, 38)
    within = [sum(post.received - first.received < hours * HOUR_US for post in ash) for hours in (0.25, 1, 3)]
    assert 3 * within[0] < within[1] < within[2] / 3


def test_whose_flight_is_cancelled_writes_more_than_others() -> None:
    grounded = {_truth(a)["person"] for a in _story() if a.event == "Flight Cancelled"}
    voices = Counter(_truth(post)["person"] for post in _posts() if _truth(post)["phase"].startswith("ash"))
    others = [n for person, n in voices.items() if person not in grounded]
    assert grounded
    assert np.mean([voices[person] for person in grounded]) > 1.5 * np.mean(others)


def test_scripts_say_the_same_and_people_do_not() -> None:
    scripts = [a.text for a in _story() if a.type == "Create" and _truth(a)["role"] == "ring"]
    assert len(scripts) > 1.5 * len(set(scripts))


def test_every_kind_of_activity_occurs_on_every_channel_it_belongs_to() -> None:
    types = Counter(activity.type for activity in _story())
    channels = Counter(activity.channel for activity in _story())
    assert {"Create", "Update", "Delete", "Announce", "Like", "Track", "Identify", "Page"} <= set(types)
    assert min(channels[name] for name in ("mastodon", "bluesky", "mail", "reviews", "feed", "shop")) >= 10


@pytest.mark.parametrize("n", [0.0, 3.0, 400.0])
def test_a_cascade_is_as_long_as_asked_on_average(n: float) -> None:
    rng = np.random.default_rng(5)
    lengths = [len(cascade(rng, n, 1.0)) for _ in range(200)]
    assert np.mean(lengths) == pytest.approx(n, rel=0.25)


def test_names_links_and_numbers_survive_careless_typing() -> None:
    rng = np.random.default_rng(2)
    for _ in range(200):
        rough = roughen("@noordvlucht NV318 #aswolk http://a.example/1", "nl", 1.0, rng).lower()
        assert rough.split(" ")[0] == "@noordvlucht"
        assert "nv318 #aswolk http://a.example/1" in rough


def test_regulars_are_answered_and_those_overlooked_hardly_ever() -> None:
    """What customers write by mail, and how often we answer: that is what the page of the overlooked finds."""
    fates = {a.actor: fate for a in _story() if (fate := _truth(a).get("fate")) in {"loyal", "overlooked"}}
    mails = {a.id: fates[a.actor] for a in _story() if a.channel == "mail" and a.actor in fates and not a.in_reply_to}
    answered = Counter(mails[a.in_reply_to] for a in _story() if a.direction == "out" and a.in_reply_to in mails)
    written = Counter(mails.values())
    assert written["overlooked"] > 20
    assert answered["loyal"] > 0.6 * written["loyal"]
    assert answered["overlooked"] < 0.35 * written["overlooked"]
