"""The Segment receiver and decoder: who may send, what becomes of each event, what a retry does."""

import base64
import gzip
import json
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, ItemResult, RawPage, Receipt
from gehoor.core.record import Activity, to_batch
from gehoor.listen.base import Answer, Request
from gehoor.listen.segment import SegmentDecoder, SegmentOptions, SegmentReceiver
from tests.cast import NOON

KEY = "sleutel"
ORDER: dict[str, Any] = {
    "type": "track",
    "event": "Order Completed",
    "userId": "klant-7",
    "messageId": "m-1",
    "timestamp": "2026-11-22T09:00:00.250+01:00",
    "properties": {
        "order_id": "o-9", "revenue": "49.95", "currency": "EUR", "coupon": "HERFST", "gift": True,
        "products": [{"product_id": "p-1", "price": 49.95}],
    },
    "context": {"consent": {"categoryPreferences": {"Advertising": False}}, "locale": "nl-NL"},
}  # fmt: skip


def _receiver(**options: Any) -> SegmentReceiver:
    return SegmentReceiver("winkel", SegmentOptions(write_key=KEY, **options))


def _basic(user: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:".encode()).decode()}


def _request(body: object, path: str = "/v1/batch", **headers: str) -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(path=path, headers=headers or _basic(KEY), body=data, received=NOON)


def _heard(body: object, path: str = "/v1/batch") -> Decoded:
    page = _receiver().receive(_request(body, path))
    assert isinstance(page, RawPage), page
    return SegmentDecoder().decode(page)


def _one(event: dict[str, Any]) -> Activity:
    decoded = _heard({"batch": [event]})
    assert decoded.rejects == []
    return decoded.activities[0]


def _refusal(event: object) -> str:
    decoded = _heard({"batch": [event]})
    assert decoded.activities == []
    return decoded.rejects[0].reason


def _refused(page: RawPage | Answer) -> tuple[int, str]:
    assert isinstance(page, Answer)
    return page.status, str(json.loads(page.body)["reason"])


def test_order_becomes_one_activity_with_its_amount() -> None:
    order = _one(ORDER)
    assert (order.type, order.event, order.actor, order.object) == ("Track", "Order Completed", "klant-7", "o-9")
    assert (order.value, order.currency, order.promotion) == (49.95, "EUR", "HERFST")
    assert json.loads(order.lines or "") == ORDER["properties"]["products"]


def test_published_is_the_timestamp_whatever_the_phone_thinks_the_time_is() -> None:
    skewed = ORDER | {"sentAt": "2031-01-01T00:00:00Z", "originalTimestamp": "2031-01-01T00:00:00Z"}
    assert _one(skewed).published == _one(ORDER).published == 1_795_334_400_250_000


def test_absent_timestamp_is_left_absent() -> None:
    assert _one({k: v for k, v in ORDER.items() if k != "timestamp"}).published is None


def test_nothing_of_an_event_is_lost() -> None:
    rest = json.loads(_one(ORDER).properties or "")
    assert rest["properties"] == {"gift": True}
    assert rest["context"] == ORDER["context"] and rest["timestamp"] == ORDER["timestamp"]


def test_consent_becomes_the_policy() -> None:
    assert json.loads(_one(ORDER).policy or "") == {"consent": ORDER["context"]["consent"]}


def test_visitor_without_account_is_known_by_the_anonymous_id() -> None:
    event = {"type": "page", "name": "Home", "anonymousId": "a-1", "properties": {"url": "https://example.org/"}}
    page = _one(event)
    assert (page.type, page.actor, page.event, page.url) == ("Page", "a-1", "Home", "https://example.org/")


def test_account_goes_before_cookie_which_is_kept() -> None:
    activity = _one(ORDER | {"anonymousId": "a-1"})
    assert activity.actor == "klant-7" and json.loads(activity.properties or "")["anonymousId"] == "a-1"


def test_script_address_is_no_url() -> None:
    page = _one({"type": "page", "userId": "7", "properties": {"url": "javascript:alert(1)"}})
    assert page.url is None and "javascript:alert(1)" in (page.properties or "")


@pytest.mark.parametrize(
    ("event", "type_", "field", "value"),
    [
        ({"type": "identify", "traits": {"name": "Sanne", "plan": "goud"}}, "Identify", "actor_name", "Sanne"),
        ({"type": "group", "groupId": "acme"}, "Group", "object", "acme"),
        ({"type": "alias", "previousId": "a-1"}, "Alias", "object", "a-1"),
        ({"type": "screen", "name": "Mandje"}, "Screen", "event", "Mandje"),
        ({"type": "TRACK", "event": "Product Viewed", "properties": {"sku": 12}}, "Track", "product", "12"),
        ({"type": "track", "event": "E", "properties": {"quantity": 3}}, "Track", "quantity", 3.0),
    ],
)
def test_each_call_has_its_type(event: dict[str, Any], type_: str, field: str, value: object) -> None:
    activity = _one(event | {"userId": "7"})
    assert (activity.type, getattr(activity, field)) == (type_, value)


@pytest.mark.parametrize("value", ["veel", "nan", "inf", None, True, [], {}, 10**400])
def test_amount_that_is_no_number_stays_in_the_properties(value: object) -> None:
    activity = _one({"type": "track", "event": "E", "userId": "7", "properties": {"revenue": value}})
    assert activity.value is None and json.loads(activity.properties or "")["properties"] == {"revenue": value}


def test_customer_number_sent_as_a_number_is_an_id() -> None:
    assert _one(ORDER | {"userId": 7}).actor == "7"


@pytest.mark.parametrize(
    ("event", "word"),
    [
        (ORDER | {"type": "buy"}, "`type`"),
        ({k: v for k, v in ORDER.items() if k != "type"}, "`type`"),
        ({k: v for k, v in ORDER.items() if k != "userId"}, "`userId`"),
        ({k: v for k, v in ORDER.items() if k != "event"}, "`event`"),
        (ORDER | {"event": {"a": 1}}, "`event`"),
        (ORDER | {"userId": ["7"]}, "`userId`"),
        (ORDER | {"messageId": {"a": 1}}, "`messageId`"),
        (ORDER | {"properties": [1]}, "`properties`"),
        (ORDER | {"context": "nl"}, "`context`"),
        (ORDER | {"timestamp": "gisteren"}, "`timestamp`"),
        (ORDER | {"timestamp": {"a": 1}}, "`timestamp`"),
        ({"type": "group", "userId": "7"}, "`groupId`"),
        ({"type": "alias", "userId": "7"}, "`previousId`"),
        (5, "object"),
        (None, "object"),
    ],
)
def test_refusal_names_what_is_wrong(event: object, word: str) -> None:
    assert word in _refusal(event)


def test_bad_event_does_not_cost_the_others() -> None:
    decoded = _heard({"batch": [ORDER, {"type": "track"}, ORDER | {"messageId": "m-2"}]})
    assert [activity.id for activity in decoded.activities] == ["m-1", "m-2"]
    assert decoded.items == [0, 2] and [reject.item for reject in decoded.rejects] == [1]


def test_half_an_emoji_does_not_cost_the_others() -> None:
    body = b'{"batch": [%s, {"type":"track","event":"\\ud83d","userId":"7"}]}' % msgspec.json.encode(ORDER)
    assert [activity.event for activity in _heard(body).activities] == ["Order Completed", "\ufffd"]


def test_not_a_number_does_not_cost_the_others_and_text_stays_text() -> None:
    odd = {"type": "track", "event": 'NaN "Infinity', "userId": "7", "properties": {"revenue": float("nan")}}
    activities = _heard(json.dumps({"batch": [ORDER, odd]}).encode()).activities
    assert [activity.event for activity in activities] == ["Order Completed", 'NaN "Infinity']
    assert activities[1].value is None


def test_retry_has_the_same_key_also_without_message_id() -> None:
    event = {k: v for k, v in ORDER.items() if k != "messageId"}
    first = _one(event | {"sentAt": "2026-11-22T09:00:01Z"})
    again = _one(dict(reversed(event.items())) | {"sentAt": "2026-11-22T09:00:09Z", "_metadata": {"retryCount": 1}})
    assert (first.id, first.published) == (again.id, again.published) and first.id.startswith("sha256:")


def test_context_of_the_batch_holds_for_its_events() -> None:
    event = {k: v for k, v in ORDER.items() if k != "context"}
    decoded = _heard({"batch": [event, ORDER], "context": {"locale": "de-DE", "ip": "192.0.2.1"}})
    contexts = [json.loads(activity.properties or "")["context"] for activity in decoded.activities]
    assert contexts[0] == {"locale": "de-DE", "ip": "192.0.2.1"}
    assert contexts[1]["locale"] == "nl-NL" and contexts[1]["ip"] == "192.0.2.1"


@pytest.mark.parametrize(
    ("path", "type_"),
    [("/v1/track", "Track"), ("/v1/t/", "Track"), ("/track", "Track"), ("/v1/page", "Page"), ("/v1/p", "Page"),
     ("/v1/identify/", "Identify"), ("/v1/i", "Identify"), ("/v1/screen", "Screen")],
)  # fmt: skip
def test_path_tells_the_call(path: str, type_: str) -> None:
    decoded = _heard({k: v for k, v in ORDER.items() if k != "type"}, path)
    assert [activity.type for activity in decoded.activities] == [type_]


def test_reject_can_be_read_again_alone() -> None:
    body = {"batch": [{"type": "track", "userId": "7"}], "context": {"ip": "192.0.2.1"}}
    reject = _heard(body).rejects[0]
    mended = json.loads(reject.raw) | {"event": "Order Completed"}
    again = _heard(mended).activities[0]
    assert again.event == "Order Completed" and "192.0.2.1" in (again.properties or "")


def test_rejects_of_different_bodies_do_not_take_each_others_place() -> None:
    first, second = (_heard({"batch": [{"messageId": name}]}).rejects[0] for name in ("a", "b"))
    assert first.position != second.position and first.id == "a"


def test_every_registered_path_is_taken() -> None:
    for path in SegmentReceiver.paths:
        assert isinstance(_receiver().receive(_request(ORDER, path)), RawPage)


@pytest.mark.parametrize(
    "headers",
    [_basic("fout"), {"authorization": "Basic !!!"}, {"authorization": "Basic /w=="},
     {"authorization": "Bearer " + KEY}, {"authorization": ""}, {"x-none": ""}, _basic("sleutél")],
)  # fmt: skip
def test_wrong_key_is_refused(headers: dict[str, str]) -> None:
    status, reason = _refused(_receiver().receive(_request({"batch": [ORDER]}, **headers)))
    assert status == 401 and "write key" in reason


def test_browser_shows_its_key_in_the_body() -> None:
    body = {"batch": [ORDER], "writeKey": KEY}
    assert isinstance(_receiver().receive(_request(body, **{"content-type": "text/plain"})), RawPage)
    assert _refused(_receiver().receive(_request(body | {"writeKey": "fout"}, **{"x-none": ""})))[0] == 401


def test_gzip_is_inflated() -> None:
    headers = _basic(KEY) | {"content-encoding": "gzip"}
    page = _receiver().receive(_request(gzip.compress(msgspec.json.encode(ORDER)), **headers))
    assert isinstance(page, RawPage) and json.loads(page.payload) == ORDER


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"{}" * 999, mtime=0)[:-9], b""])
def test_broken_gzip_is_told(body: bytes) -> None:
    status, reason = _refused(_receiver().receive(_request(body, **_basic(KEY), **{"content-encoding": "gzip"})))
    assert status == 400 and "gzip" in reason


def test_gzip_bomb_costs_no_memory() -> None:
    bomb = gzip.compress(bytes(200_000_000))
    tracemalloc.start()
    answer = _receiver().receive(_request(bomb, **_basic(KEY), **{"content-encoding": "gzip"}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert _refused(answer)[0] == 413 and peak < 20_000_000


def test_large_body_and_strange_encoding_are_refused() -> None:
    assert _refused(_receiver(max_bytes=2_000).receive(_request(b" " * 2_001)))[0] == 413
    assert _refused(_receiver().receive(_request(b"{}", **_basic(KEY), **{"content-encoding": "br"})))[0] == 415


@pytest.mark.parametrize(
    ("body", "word"),
    [(b'{"batch": [', "cut off"), (b"", "empty"), (b'"\xff"', "UTF-8"), (b"[1]", "not a JSON object"),
     (b'{"batch": {}}', "`batch`"), (b"\xff\xfe{\x00", "UTF-8"), (b"[" * 100_000, "levels")],
)  # fmt: skip
def test_broken_body_is_kept_with_the_reason(body: bytes, word: str) -> None:
    with pytest.raises(RejectedRecord, match=word):
        _heard(body)


def test_answer_tells_the_fate_of_each_event() -> None:
    items = [
        ItemResult(item=0, id="m-1", status="stored"),
        ItemResult(item=1, id="m-2", status="rejected", reason="`type` is missing"),
    ]
    answer = _receiver().answer(Receipt(n_stored=1, n_seen=0, n_rejected=1, offset=1, items=items))
    told = json.loads(answer.body)
    assert answer.status == 200 and told["success"] is True
    assert told["results"][1] == {"messageId": "m-2", "status": "rejected", "reason": "`type` is missing"}


def test_answer_is_400_only_when_everything_was_refused() -> None:
    counts = {(0, 1, 3): 200, (2, 0, 0): 200, (0, 0, 0): 200, (0, 0, 2): 400}
    for (stored, seen, rejected), status in counts.items():
        receipt = Receipt(n_stored=stored, n_seen=seen, n_rejected=rejected, offset=0)
        assert _receiver().answer(receipt).status == status


def test_deep_nesting_is_refused_and_not_followed() -> None:
    deep = b'{"type":"track","event":"E","userId":"7","properties":{"a":' + b"[" * 200 + b"]" * 200 + b"}}"
    decoded = _heard(b'{"batch":[%s,%s]}' % (msgspec.json.encode(ORDER), deep))
    assert len(decoded.activities) == 1 and "64 levels" in decoded.rejects[0].reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    "type",
    "event",
    "userId",
    "anonymousId",
    "messageId",
    "timestamp",
    "properties",
    "traits",
    "context",
    "groupId",
)
EVENTS = st.dictionaries(st.sampled_from(FIELDS), JSON | st.sampled_from(["track", "page", "2026-11-22"]), max_size=8)


def _all_are_told_apart(body: bytes) -> None:
    page = RawPage(source="winkel", decoder="segment", payload=body, received=NOON, options={"channel": "shop"})
    try:
        first = SegmentDecoder().decode(page)
    except RejectedRecord as error:
        assert error.reason
        return
    assert first == SegmentDecoder().decode(page)
    assert to_batch(first.activities).num_rows == len(first.activities) == len(first.items or [])
    assert len(first.raws or []) == len(first.activities)


@given(st.lists(EVENTS | JSON, max_size=4) | JSON)
def test_any_json_is_an_activity_or_a_reject(batch: object) -> None:
    _all_are_told_apart(json.dumps({"batch": batch}).encode())


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda junk: b'{"batch":[{"type":"page"' + junk))
def test_any_bytes_are_refused_in_words(body: bytes) -> None:
    _all_are_told_apart(body)


def test_body_of_quotes_is_read_in_linear_time() -> None:
    with pytest.raises(RejectedRecord):
        _heard(b'{"a":"' + b'\\"' * 1_500_000)
