"""The mirror's headline says nothing that the sentences below it deny."""

from zoneinfo import ZoneInfo

import msgspec
import pytest

from gehoor.core.mirror_figure import Figure, Index
from gehoor.web.mirror_told import MirrorTold
from gehoor.web.speech import Speech
from tests.component.mirrored import full_edition

UTC = ZoneInfo("UTC")
_UP = Figure(value=20.0, low=15.0, high=25.0, unit="points")


def _risen(index: Index) -> Index:
    return msgspec.structs.replace(index, change=_UP)


def _told(measure: str, before: float, now: float) -> str:
    edition = full_edition()
    driver = msgspec.structs.replace(edition.drivers[0], measure=measure, before=before, now=now)
    risen = {"captivating": _risen(edition.captivating), "binding": _risen(edition.binding)}
    edition = msgspec.structs.replace(edition, drivers=(driver,), **risen)
    return str(MirrorTold(edition, Speech("en", UTC), {}).headline)


@pytest.mark.parametrize(
    ("measure", "before", "now", "headline"),
    [
        ("praise", 10, 30, "More people look, and they stay."),
        ("retention", 0.65, 0.61, "More people look at us."),
        ("negative", 40, 400, "Everybody looks, and many complain."),
        ("complaint", 40, 4, "More people look, and they stay."),
    ],
)
def test_headline_agrees_with_what_moved(measure: str, before: float, now: float, headline: str) -> None:
    assert _told(measure, before, now) == headline
