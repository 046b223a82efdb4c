"""A burst of one need while other complaints are as ever has an alarm of its own that names it."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from gehoor.core.clock import SECOND_US
from gehoor.core.message import Message
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.run.stories import stories
from gehoor.run.story_rows import said_in
from tests.cast import CRITIC, ECHO, FAN, LOYAL, NOON, WORRIED
from tests.component.keeping import page_of
from tests.component.test_warn import Warned

_HOUR_S = 3_600
_HOURS, _EVERY_S = 4, 5.0
_ONSET_S = _HOURS * _HOUR_S + 120
_CROWD = (LOYAL, CRITIC, FAN, WORRIED, ECHO)
_PARCELS = (
    "Waar blijft mijn pakket? De bezorging is al {n} dagen te laat",
    "Pakket {n} is nog steeds niet bezorgd, wat een slechte dienst",
    "De bezorger kwam weer niet, al {n} keer voor niets thuisgebleven",
    "My parcel is {n} days late and nobody delivers it",
)
_OTHERS = (
    "De rekening van maand {n} klopt niet, ik betaal te veel",
    "Die app van jullie werkt weer niet, al {n} keer vastgelopen",
    "De medewerker aan de balie was onbeschoft, {n} keer weggestuurd",
    "De prijs gaat weer {n} procent omhoog, belachelijk",
    "My invoice {n} is wrong again",
)


def _ordinary(until_s: float) -> list[Activity]:
    moments = np.cumsum(np.random.default_rng(5).exponential(_EVERY_S, round(until_s / _EVERY_S * 1.2)))
    return [
        _CROWD[n % 5].says((_OTHERS[n * 7 % 5] if n % 20 else _PARCELS[1]).format(n=n), id=f"o{n}", after_s=float(at))
        for n, at in enumerate(moments)
        if at < until_s
    ]


def _parcels(at_s: float, n: int, every_s: float) -> list[Activity]:
    return [_CROWD[k % 5].says(_PARCELS[k % 4].format(n=k), id=f"p{k}", after_s=at_s + every_s * k) for k in range(n)]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace after some hours of complaints about anything but parcels."""
    root = tmp_path_factory.mktemp("usual") / "workspace"
    usual = Warned(root)
    posts = _ordinary(_HOURS * _HOUR_S)
    for hour in range(_HOURS):
        since = NOON + hour * _HOUR_S * SECOND_US
        usual.hear_page(page_of([one for one in posts if 0 <= (one.published or 0) - since < _HOUR_S * SECOND_US]))
        usual.clock.advance(_HOUR_S)
        usual.projector.flush()
    assert usual.read() == ([], [])
    usual.close()
    return root


@pytest.fixture
def busy(usual: Path, tmp_path: Path) -> Iterator[Warned]:
    """A copy of it, opened when those hours are over."""
    shutil.copytree(usual, tmp_path / "workspace")
    busy = Warned(tmp_path / "workspace")
    busy.clock.advance(_HOURS * _HOUR_S)
    yield busy
    busy.drop()


def is_of_parcels(text: str) -> bool:
    """Tell whether a post is about a lost parcel."""
    return any(word in text.lower() for word in ("pakket", "bezorg", "parcel"))


def _live(busy: Warned, more: Sequence[Activity], until_s: float) -> None:
    rest = [one for one in _ordinary(until_s) if (one.published or 0) >= NOON + _HOURS * _HOUR_S * SECOND_US]
    busy.live(sorted([*rest, *more], key=lambda post: post.received), until_s)


def test_lost_parcels_have_an_alarm_that_names_them_while_all_else_is_as_ever(busy: Warned) -> None:
    _live(busy, _parcels(_ONSET_S, 40, 5.0), _ONSET_S + 180)
    [alert], [entry] = busy.read()
    assert alert.need == "delivery"
    assert alert.lead is not None and (alert.lead.kind, alert.lead.value) == ("need", "delivery")
    assert abs(alert.began_at - (NOON + _ONSET_S * SECOND_US)) <= 60 * SECOND_US
    assert 20 <= alert.n <= 45
    assert alert.expected < 10
    assert all(is_of_parcels(quote.text) for quote in (alert.first, *alert.quotes) if quote is not None)
    message = msgspec.json.decode(entry.payload, type=Message)
    assert "bezorging" in message.title
    reader = Reader(busy.root)
    [story] = [one for one in stories(reader, busy.clock.now()) if one.alerts]
    assert all(is_of_parcels(one.text or "") for one in reader.posts(story.base, 500))
    assert len(said_in(reader, story.base)) >= 20
    reader.close()


def test_alarm_of_a_need_is_over_when_that_need_is_quiet_though_much_else_is_said(busy: Warned) -> None:
    _live(busy, _parcels(_ONSET_S, 60, 5.0), _ONSET_S + 1_500)
    [alert], _ = busy.read()
    assert alert.need == "delivery"
    assert alert.ended_at is not None
    assert 40 <= alert.n <= 85


def test_alarm_of_a_need_becomes_that_of_the_brand_when_everybody_speaks_of_it(busy: Warned) -> None:
    few, many = _parcels(_ONSET_S, 25, 10.0), _parcels(_ONSET_S + 250, 300, 1.0)
    _live(busy, [*few, *[msgspec.structs.replace(one, id=f"m{one.id}") for one in many]], _ONSET_S + 480)
    alerts, _ = busy.read()
    assert [alert.need for alert in alerts] == [None]
    assert alerts[0].lead is not None and alerts[0].lead.value == "delivery"
    assert alerts[0].n > 250


def test_alarm_of_a_need_goes_on_after_a_restart(busy: Warned) -> None:
    parcels = _parcels(_ONSET_S, 70, 5.0)
    _live(busy, [one for one in parcels if (one.published or 0) < NOON + (_ONSET_S + 180) * SECOND_US], _ONSET_S + 180)
    [before], _ = busy.read()
    busy.restart()
    late = [one for one in parcels if (one.published or 0) >= busy.clock.now()]
    _live(busy, [], _ONSET_S + 180)
    busy.live(late, _ONSET_S + 360)
    [after], entries = busy.read()
    assert (after.id, after.need, len(entries)) == (before.id, "delivery", 1)
    assert after.n > before.n
