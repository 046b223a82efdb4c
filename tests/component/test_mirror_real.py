"""The mirror of real people: the CDNOW orders beside posts of webcare, where that data is at hand."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.mirror_reader import day_number
from gehoor.core.record import Activity
from tests.cast import NOON
from tests.component.hearing import Hearing
from tests.component.mirroring import TODAY, edition, heard, told

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not (DATA / "cdnow").is_dir(), reason="the data is measured where it is, never kept")


def _orders() -> Iterator[Activity]:
    with (DATA / "cdnow" / "cdnow_sample.csv").open(encoding="utf-8") as file:
        for place, row in enumerate(csv.DictReader(file)):
            at = day_number(row["date"]) * DAY_US + DAY_US // 2
            yield Activity(id=str(place), type="Track", object=str(place), published=at, received=NOON + place,
                           channel="shop", actor=row["customer_id"], event="Order Completed", currency="USD",
                           value=float(row["amount"]))  # fmt: skip


def _posts() -> Iterator[Activity]:
    with gzip.open(DATA / "webcare" / "twcs_threads.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            at = round(datetime.fromisoformat(row["published"]).astimezone(UTC).timestamp()) * SECOND_US
            is_theirs = row["inbound"] == "1"
            yield Activity(id=row["id"], published=at, received=NOON + int(row["id"]), channel="twitter",
                           actor=row["actor"], text=row["text"], direction="in" if is_theirs else "out",
                           in_reply_to=row["in_reply_to"] or None)  # fmt: skip


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hearing]:
    toml = '[workspace]\nname = "Real"\ntimezone = "UTC"\n'
    hearing = heard(tmp_path_factory.mktemp("real") / "workspace", [*_orders(), *_posts()], toml)
    yield hearing
    hearing.close()


def test_orders_say_who_came_back_and_that_the_sample_faded(real: Hearing) -> None:
    found = edition(real, back=TODAY - day_number("1997-12-31"), period="month")
    rows = list(csv.DictReader((DATA / "cdnow" / "cdnow_sample.csv").open(encoding="utf-8")))
    first, middle, last = "1997-11-05", "1997-12-03", "1997-12-31"  # up to and with, but for the first
    was = {row["customer_id"] for row in rows if first < row["date"] <= middle}
    now = {row["customer_id"] for row in rows if middle < row["date"] <= last}
    retention = next(part for part in found.binding.parts if part.name == "retention")
    assert retention.share.value == pytest.approx((len(was & now) + 0.5) / (len(was) + 1))
    assert found.n_known == 2_357
    assert found.n_people == len(now)
    why = {one.why for one in found.unknown}
    assert {"one_brand_ordered", "no_own_posts", "no_questions", "one_channel"} <= why
    assert found.truth.n_foretold >= 12
    fall = min(found.shifts, key=lambda one: one.after - one.before)
    assert fall.measure == "people"
    assert "1997-03" <= fall.day[:7] <= "1997-04"  # all of the cohort bought first in the first quarter


def test_webcare_says_who_asked_and_was_answered(real: Hearing) -> None:
    found = edition(real, back=TODAY - day_number("2017-12-01"), period="month")
    assert "1 account talks" in told(found)
    assert found.listening.n_asked > 100
    assert found.listening.answered.value is not None and found.listening.answered.value > 0.3
    assert {one.name for one in found.channels} == {"twitter"}
    assert "no_orders" in {one.why for one in found.unknown}
