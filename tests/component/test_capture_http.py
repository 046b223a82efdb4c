"""The receivers of a gehoor that runs: real SDKs, real documents, and what is kept when it dies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.component.whole import Reply, Whole, wait_for

segment = pytest.importorskip("segment.analytics", reason="segment-analytics-python is not installed")

TOML = """
[receivers.shop]
type = "segment"
write_key = "sleutel"

[receivers.w3c]
type = "activitystreams"
"""


@pytest.fixture(scope="module")
def gehoor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with Whole(tmp_path_factory.mktemp("capture") / "workspace", TOML) as whole:
        yield whole


def _track(message: str, **more: object) -> dict[str, object]:
    return {"type": "track", "event": "Order Completed", "userId": "klant-7", "messageId": message, **more}


def _of(gehoor: Whole, start: str) -> list[str]:
    return [id_ for id_ in gehoor.ids() if id_.startswith(start)]


def test_sdk_delivers_each_event_once_also_when_it_sends_again(gehoor: Whole) -> None:
    for _ in range(2):
        client = segment.Client("sleutel", host=gehoor.url, upload_interval=0.05, gzip=True)
        client.identify("klant-7", {"name": "Sanne"}, message_id="sdk-i")
        for n in range(250):
            client.track("klant-7", "Product Viewed", {"product_id": f"p-{n}"}, message_id=f"sdk-{n}")
        client.shutdown()
    assert sorted(_of(gehoor, "sdk-")) == sorted(["sdk-i", *(f"sdk-{n}" for n in range(250))])
    wait_for("the page knows", lambda: gehoor.source("shop").n_stored >= 251)


def test_sdk_with_a_wrong_key_is_told_so(gehoor: Whole) -> None:
    failed: list[Exception] = []
    client = segment.Client("fout", host=gehoor.url, on_error=lambda error, _: failed.append(error), max_retries=0)
    client.track("klant-7", "Order Completed", message_id="wrong-key")
    client.shutdown()
    assert "401" in str(failed[0]) and _of(gehoor, "wrong-key") == []


def test_each_item_of_a_batch_is_answered_for(gehoor: Whole) -> None:
    reply = gehoor.post("/v1/batch", {"batch": [_track("item-1"), {"type": "track"}, _track("item-1")]})
    assert reply.status == 200
    results = reply.json()["results"]
    assert isinstance(results, list)
    assert [(result["messageId"], result["status"]) for result in results] == [
        ("item-1", "stored"), (None, "rejected"), ("item-1", "seen"),
    ]  # fmt: skip
    assert results[1]["reason"]
    assert _of(gehoor, "item-") == ["item-1"]


def test_what_was_answered_200_is_there_after_a_sigkill_and_a_retry_is_seen(gehoor: Whole) -> None:
    batch = {"batch": [_track(f"kill-{n}") for n in range(40)]}
    reply = gehoor.post("/v1/batch", batch)
    gehoor.kill()
    assert reply.status == 200
    assert len(_of(gehoor, "kill-")) == 40
    wait_for("web and workers are gone", lambda: not any(p.is_running() for p in gehoor.parts.values()))
    gehoor.start()
    assert {result["status"] for result in _results(gehoor.post("/v1/batch", batch))} == {"seen"}
    assert len(_of(gehoor, "kill-")) == 40


def _results(reply: Reply) -> list[dict[str, str]]:
    results = reply.json()["results"]
    assert reply.status == 200 and isinstance(results, list)
    return results


def test_an_sdk_goes_on_over_a_crash(gehoor: Whole) -> None:
    client = segment.Client("sleutel", host=gehoor.url, upload_interval=0.05, max_retries=20)
    for n in range(100):
        client.track("klant-7", "Product Viewed", message_id=f"over-{n}")
    gehoor.kill()
    for n in range(100, 200):
        client.track("klant-7", "Product Viewed", message_id=f"over-{n}")
    gehoor.start()
    client.shutdown()
    assert sorted(_of(gehoor, "over-")) == sorted(f"over-{n}" for n in range(200))


def test_good_documents_of_the_w3c_are_taken_in_and_the_others_refused(gehoor: Whole, shared: Path) -> None:
    folder = shared / "data" / "activitystreams"
    good, refuse = (sorted((folder / kind).glob("*.json")) for kind in ("good", "refuse"))
    if not good or not refuse:
        pytest.skip(f"no documents in {folder}")
    for path in good:
        reply = gehoor.post("/v1/activities", path.read_bytes(), key=None)
        assert reply.status == 200, (path.name, reply.body)
    assert not gehoor.rejects("w3c")  # also where two examples give one Note two texts: the second is a revision
    for path in refuse:
        reply = gehoor.post("/v1/activities", path.read_bytes(), key=None)
        assert 400 <= reply.status < 500 and len(str(reply.json()["reason"])) > 20, (path.name, reply.body)
    assert len(gehoor.rejects("w3c")) >= len(refuse)
    again = gehoor.post("/v1/activities", good[0].read_bytes(), key=None)
    assert again.json()["status"] == "seen"


def test_a_browser_of_another_site_may_send_events(gehoor: Whole) -> None:
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = gehoor.send("OPTIONS", "/v1/t", headers=asked)
    assert preflight.status == 204 and preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "content-type" in preflight.headers["Access-Control-Allow-Headers"].lower()
    event = _track("browser-1", writeKey="sleutel")
    reply = gehoor.post("/v1/t", event, key=None, Origin="https://shop.example", Content_Type="text/plain")
    assert reply.status == 200 and reply.headers["Access-Control-Allow-Origin"] == "*"
    assert _of(gehoor, "browser-") == ["browser-1"]
