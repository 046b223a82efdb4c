"""Mail and webhooks against real servers on loopback: once per key, later when nobody answers, never blindly again."""

import asyncio
import base64
import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gehoor.core.clock import StillClock
from gehoor.core.message import Message
from gehoor.core.outbox import Entry, again, emit, entries
from gehoor.core.settings import load
from gehoor.run.dispatch import Dispatcher
from gehoor.run.offline import AtRest
from tests.cast import NOON
from tests.component.post_office import Postbox, post_office

SECRET = "whsec_" + base64.b64encode(b"een geheim van vierentwintig").decode()
STORM = Message(
    type="alert.began", at=NOON, title="Noordvlucht: drie keer\nzo druk", text="Sinds 06:38.", data={"n": 3}
)


class Hook:
    """A webhook's other side: what came in, and what it answers next."""

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve on a free port."""
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(hook.answers.pop(0) if hook.answers else 204)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class Desk:
    """A workspace at rest with senders, and a dispatcher that is run by hand."""

    def __init__(self, root: Path, toml: str) -> None:
        root.mkdir(exist_ok=True)
        (root / "gehoor.toml").write_text(toml, encoding="utf-8")
        self.clock = StillClock(NOON)
        self.place = AtRest(load(root), self.clock)
        self.dispatcher = Dispatcher(self.place, self.place.settings)

    def emit(self, key: str, channel: str) -> None:
        """Put the storm in the outbox."""
        with self.place.projector.engine.begin() as tx:
            emit(tx, key, channel, msgspec.json.encode(STORM))

    def send(self, rounds: int = 1) -> dict[str, Entry]:
        """Send what is due, and return what is in the outbox."""

        async def work() -> None:
            for _ in range(rounds):
                await self.dispatcher.round()
                await self.dispatcher.finish()

        asyncio.run(work())
        with self.place.projector.engine.begin() as tx:
            return {entry.key: entry for entry in entries(tx)}


def _hook_toml(url: str) -> str:
    return f'[senders.hook]\ntype = "webhook"\nurl = "{url}"\nsecret = "{SECRET}"\nallow_private = true\n'


def _mail_toml(port: int, to: str = '["dienst@voorbeeld.nl"]') -> str:
    return (
        f'[senders.post]\ntype = "mail"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        f'sender = "gehoor@voorbeeld.nl"\nto = {to}\n'
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder for a workspace."""
    return tmp_path / "workspace"


def test_webhook_is_signed_so_that_the_other_side_can_check_it(root: Path) -> None:
    hook = Hook()
    with hook.serving() as url:
        desk = Desk(root, _hook_toml(url))
        desk.emit("alert:1:hook", "hook")
        assert desk.send()["alert:1:hook"].state == "sent"
        desk.place.close()
    [(headers, body)] = hook.seen
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert headers["webhook-id"] == "alert:1:hook"
    assert msgspec.json.decode(body)["data"] == {"n": 3}


def test_what_was_sent_is_not_sent_again(root: Path) -> None:
    hook = Hook()
    with hook.serving() as url:
        desk = Desk(root, _hook_toml(url))
        desk.emit("alert:1:hook", "hook")
        desk.send(rounds=3)
        desk.place.close()
    assert len(hook.seen) == 1


def test_server_in_trouble_is_asked_again_later_and_not_before(root: Path) -> None:
    hook = Hook()
    hook.answers = [503, 429]
    with hook.serving() as url:
        desk = Desk(root, _hook_toml(url))
        desk.emit("alert:1:hook", "hook")
        waiting = desk.send(rounds=3)["alert:1:hook"]
        assert (waiting.state, waiting.n_tries, len(hook.seen)) == ("waiting", 1, 1)
        assert "trouble" in (waiting.receipt or "")
        desk.clock.advance(60)
        desk.send()
        desk.clock.advance(60)
        assert desk.send()["alert:1:hook"].state == "sent"
        desk.place.close()
    assert len(hook.seen) == 3


def test_keyed_sender_sends_again_what_a_crash_left_under_way(root: Path) -> None:
    hook, postbox = Hook(), Postbox()
    with hook.serving() as url, post_office(postbox) as port:
        desk = Desk(root, _hook_toml(url) + _mail_toml(port))
        desk.emit("a:hook", "hook")
        desk.emit("a:post", "post")
        with desk.place.projector.engine.begin() as tx:
            tx.exec_driver_sql("UPDATE outbox SET state = 'sending'")
        desk.dispatcher.recover()
        found = desk.send()
        assert {key: entry.state for key, entry in found.items()} == {"a:hook": "sent", "a:post": "unknown"}
        with desk.place.projector.engine.begin() as tx:
            assert again(tx, "a:post")
        assert desk.send()["a:post"].state == "sent"
        desk.place.close()
    assert len(postbox.letters) == 1


def test_mail_is_marked_as_a_machine_s_and_its_subject_is_one_line(root: Path) -> None:
    postbox = Postbox()
    with post_office(postbox) as port:
        desk = Desk(root, _mail_toml(port))
        desk.emit("alert:1:post", "post")
        assert desk.send()["alert:1:post"].state == "sent"
        desk.place.close()
    [letter] = postbox.letters
    assert letter["Subject"] == "Noordvlucht: drie keer zo druk"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["To"] == "dienst@voorbeeld.nl"
    assert letter.get_content().strip() == "Sinds 06:38."


def test_line_that_breaks_after_the_letter_leaves_it_unknown_and_is_not_sent_blindly(root: Path) -> None:
    postbox = Postbox(cuts=True)
    with post_office(postbox) as port:
        desk = Desk(root, _mail_toml(port))
        desk.emit("alert:1:post", "post")
        assert desk.send(rounds=3)["alert:1:post"].state == "unknown"
        desk.place.close()
    assert len(postbox.letters) == 1


def test_refused_address_is_named_and_the_others_get_their_mail(root: Path) -> None:
    postbox = Postbox(refuses="weg@")
    with post_office(postbox) as port:
        desk = Desk(root, _mail_toml(port, '["dienst@voorbeeld.nl", "weg@voorbeeld.nl"]'))
        desk.emit("a", "post")
        found = desk.send()["a"]
        assert (found.state, "weg@voorbeeld.nl" in (found.receipt or "")) == ("sent", True)
        desk.place.close()


def test_mail_server_that_is_away_is_asked_again_later(root: Path) -> None:
    with post_office(Postbox()) as port:
        pass
    desk = Desk(root, _mail_toml(port))
    desk.emit("a", "post")
    assert desk.send()["a"].state == "waiting"
    desk.place.close()


def test_webhook_in_the_envelope_of_cloudevents_has_its_fields_and_is_signed_alike(root: Path) -> None:
    hook = Hook()
    with hook.serving() as url:
        desk = Desk(root, _hook_toml(url) + 'envelope = "cloudevents"\n')
        desk.emit("alert:1:hook", "hook")
        assert desk.send()["alert:1:hook"].state == "sent"
        desk.place.close()
    [(headers, body)] = hook.seen
    event = msgspec.json.decode(body)
    assert headers["content-type"] == "application/cloudevents+json"
    assert (event["specversion"], event["id"], event["type"]) == ("1.0", "alert:1:hook", "gehoor.alert.began")
    assert event["data"]["n"] == 3
    assert headers["webhook-signature"].startswith("v1,")


def test_webhook_that_leads_inwards_is_refused_and_comes_to_no_harm(root: Path) -> None:
    hook = Hook()
    with hook.serving() as url:
        desk = Desk(root, _hook_toml(url).replace("allow_private = true\n", ""))
        desk.emit("alert:1:hook", "hook")
        entry = desk.send()["alert:1:hook"]
        desk.place.close()
    assert (entry.state, hook.seen) == ("waiting", [])
    assert "no public address" in (entry.receipt or "")
