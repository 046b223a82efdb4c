"""Reads from the copy, when a drill is over, how long each step took and where it stalled."""

import itertools
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from gehoor.core.alert import Alert
from gehoor.core.clock import SECOND_US
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.run.drill.scenario import Said, Scenario
from gehoor.run.drill.telling import Setting

__all__ = ["AfterAction", "Step", "StepName", "after_action"]

StepName = Literal["first_voice", "tenth_voice", "alarm", "acknowledged", "first_answer", "over"]

_CROWD = 10
_MINUTE_US = 60 * SECOND_US
_MOST = 100_000
_ASKING = frozenset(("help", "complaint", "question"))


class Step(msgspec.Struct, frozen=True):
    """Something that should happen, and how many seconds after the first voice it did; None: it did not."""

    name: StepName
    after_s: float | None


class AfterAction(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a drill.

    Attributes
    ----------
    begin : int
        The first voice, microseconds UTC, on the clock of the drill.
    speed : float
        Seconds of the drill in one second: one second of our machine is that many of the drill.
    n_posts, n_passed_on : int
        What was said, and how many times it was passed on.
    curve : sequence of int
        Posts in each minute.
    steps : sequence of Step
        In the order in which they should come.
    n_voices_before_alarm : int, optional
        How many had spoken when the alarm went.
    level : int, optional
        How high it came.
    is_first_voice_right : bool, optional
        Whether the alarm named the one who really began.
    n_asking, n_answered : int
        Posts that wanted an answer, as gehoor judged them, and those that got one.
    stalled : tuple of str, optional
        Between which two steps most time went by, or from which on nothing happened.
    """

    scenario: str
    title: Said
    about: Said
    brand: str
    begin: int
    minutes: float
    seed: int
    size: float
    speed: float
    n_posts: int
    n_passed_on: int
    curve: Sequence[int]
    steps: Sequence[Step]
    n_voices_before_alarm: int | None
    level: int | None
    is_first_voice_right: bool | None
    n_asking: int
    n_answered: int
    stalled: tuple[StepName, StepName] | None


def after_action(
    reader: Reader, told: Sequence[Activity], scenario: Scenario, setting: Setting, speed: float
) -> AfterAction:
    """Return what came of a drill, from the copy in which it was played.

    Parameters
    ----------
    told : sequence of Activity
        All of `tell_drill`.
    """
    said = [activity for activity in told if activity.text is not None]
    moments = np.array([activity.received for activity in said])
    begin = int(moments[0])
    alert = _first_alert(reader, begin)
    answered, first_answer = _answers(reader, begin)
    ids = {activity.id for activity in said}
    posts = [post for post in reader.posts(PostFilter(kind="say", since=begin), limit=_MOST) if post.id in ids]
    asking = {post.id for post in posts if post.intent in _ASKING}
    alarm = alert.detected_at if alert else None
    steps = [
        Step("first_voice", 0.0),
        Step("tenth_voice", _after(begin, int(moments[_CROWD - 1]) if len(moments) >= _CROWD else None)),
        Step("alarm", _after(begin, alarm)),
        Step("acknowledged", _after(begin, alert.acknowledged_at if alert else None)),
        Step("first_answer", _after(begin, first_answer)),
        Step("over", _after(begin, alert.ended_at if alert else None)),
    ]
    return AfterAction(
        scenario=scenario.name, title=scenario.title, about=scenario.about, brand=setting.brand, begin=begin,
        minutes=scenario.minutes, seed=setting.seed, size=setting.size, speed=speed,
        n_posts=len(said), n_passed_on=len(told) - len(said),
        curve=np.bincount((moments - begin) // _MINUTE_US, minlength=1).tolist(), steps=steps,
        n_voices_before_alarm=None if alarm is None else int(np.searchsorted(moments, alarm)),
        level=alert.level if alert else None, is_first_voice_right=_is_right(alert, said[0]),
        n_asking=len(asking), n_answered=len(asking & answered), stalled=_stalled(steps),
    )  # fmt: skip


def _after(begin: int, at: int | None) -> float | None:
    return None if at is None else (at - begin) / SECOND_US


def _first_alert(reader: Reader, begin: int) -> Alert | None:
    """Return the first alarm that the drill raised, however it was counted."""
    since = [alert for alert in reader.alerts(since=begin - 10 * _MINUTE_US) if alert.detected_at >= begin]
    return min(since, key=lambda alert: alert.detected_at, default=None)


def _is_right(alert: Alert | None, first: Activity) -> bool | None:
    return None if alert is None or alert.first is None else alert.first.actor == first.actor


def _answers(reader: Reader, begin: int) -> tuple[set[str], int | None]:
    """Return which posts of the drill were answered, and when the first of them was."""
    answers = reader.posts(PostFilter(kind="answer", since=begin), limit=_MOST)
    mine = [post for post in answers if (post.in_reply_to or "").startswith("drill/")]
    return {str(post.in_reply_to) for post in mine}, min((post.event_at for post in mine), default=None)


def _stalled(steps: Sequence[Step]) -> tuple[StepName, StepName] | None:
    """Return the two steps between which most time went by; the first that never came beats them all."""
    chain = [step for step in steps if step.name in {"first_voice", "alarm", "acknowledged", "first_answer"}]
    for before, step in itertools.pairwise(chain):
        if step.after_s is None:
            return before.name, step.name
    pairs = list(itertools.pairwise(chain))
    before, after = max(pairs, key=lambda pair: (pair[1].after_s or 0.0) - (pair[0].after_s or 0.0))
    return before.name, after.name
