"""The demo's stream: what it promises to somebody who sees gehoor for the first time."""

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from gehoor.core.page import RawPage
from gehoor.core.settings import parse
from gehoor.listen.plain import PlainDecoder
from gehoor.run.demo import DEMO_STREAM, demo_settings
from tests.cast import NOON


def _rows() -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in gzip.decompress(DEMO_STREAM.read_bytes()).splitlines()]


def test_the_stream_is_small_and_each_id_stands_once() -> None:
    rows = _rows()
    assert DEMO_STREAM.stat().st_size < 400_000
    assert 2_300 < len(rows) < 2_800
    assert len({(row["channel"], row["id"]) for row in rows}) == len(rows)


def test_every_line_is_an_activity_in_the_plain_form() -> None:
    payload = gzip.decompress(DEMO_STREAM.read_bytes())
    decoded = PlainDecoder().decode(RawPage(source="demo", decoder="plain", payload=payload, received=NOON))
    assert decoded.rejects == []
    assert len(decoded.activities) == len(payload.splitlines())
    assert all(activity.published for activity in decoded.activities)


def test_the_stream_is_in_the_order_in_which_it_happened() -> None:
    moments = [row["published"] for row in _rows() if row.get("type") != "Update"]
    assert moments == sorted(moments)
    assert moments[0] >= "2026-04-13T22:00" and moments[-1] < "2026-04-14T22:00"


def test_what_is_answered_edited_or_deleted_was_said_before() -> None:
    said: set[str] = set()
    for row in _rows():
        target = row.get("in_reply_to") or (row.get("object") if row.get("type") not in {None, "Track"} else None)
        assert target is None or target in said, row["id"]
        said.add(row["id"])


def test_every_kind_of_activity_and_most_channels_occur() -> None:
    rows = _rows()
    types = Counter(row.get("type", "Create") for row in rows)
    channels = Counter(row["channel"] for row in rows)
    assert {"Create", "Update", "Delete", "Announce", "Like", "Track"} <= set(types)
    assert min(channels[name] for name in ("mastodon", "bluesky", "mail", "reviews", "feed", "shop")) >= 10
    assert sum(row.get("direction") == "out" for row in rows) > 100


def test_the_evening_is_a_storm_about_the_app() -> None:
    about_app = [row["published"][11:13] for row in _rows() if "504" in (row.get("text") or "")]
    hours = Counter(int(hour) + 2 for hour in about_app)
    assert sum(n for hour, n in hours.items() if hour < 16) == 0
    assert hours[20] > 3 * hours[16]


def test_most_texts_are_distinct_and_some_are_copies() -> None:
    texts = [row["text"] for row in _rows() if row.get("text")]
    assert 0.7 < len(set(texts)) / len(texts) < 0.9


def test_its_settings_are_settings() -> None:
    settings = parse(demo_settings(port=9_000), Path("."))
    assert settings.web.port == 9_000
    assert set(settings.brands) == {"noordvlucht", "zuiderlucht"}
