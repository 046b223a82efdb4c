"""A webhook that takes a call and never answers: others are told in time, and it is tried again under its own key."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gehoor.core.outbox import Entry, entries
from tests.component.test_senders import Desk, Hook, _hook_toml

PATIENCE_S = 1.0
PEOPLE_TOLD_S = 0.9  # before anybody loses patience


@contextmanager
def _silent() -> Iterator[tuple[str, list[bytes]]]:
    """Serve somebody who takes what is posted and says nothing; yield the address and what was posted."""
    heard: list[bytes] = []
    held: list[socket.socket] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        while True:
            try:
                call, _ = listening.accept()
            except OSError:
                return
            held.append(call)
            heard.append(call.recv(65_536))

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook", heard
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
        for call in held:
            call.close()


def _found(desk: Desk) -> dict[str, Entry]:
    with desk.place.projector.engine.begin() as tx:
        return {entry.key: entry for entry in entries(tx)}


def _id_of(request: bytes) -> bytes:
    """Return the key that a call carries."""
    return next(line for line in request.split(b"\r\n") if line.lower().startswith(b"webhook-id:")).split(b": ")[1]


async def _states_while_it_hangs(desk: Desk) -> Mapping[str, str]:
    """Begin to send, and return how things stand before the silent one is given up; then wait for that."""
    await desk.dispatcher.round()
    until = asyncio.get_running_loop().time() + PEOPLE_TOLD_S
    while _found(desk)["alert:1:loud"].state != "sent" and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.02)
    states = {key: entry.state for key, entry in _found(desk).items()}
    await desk.dispatcher.finish()
    return states


def test_who_does_not_answer_keeps_nobody_else_waiting_and_is_tried_again_under_the_same_key(tmp_path: Path) -> None:
    hook = Hook()
    with hook.serving() as url, _silent() as (dead, heard):
        toml = _hook_toml(dead) + _hook_toml(url).replace("[senders.hook]", "[senders.loud]")
        desk = Desk(tmp_path / "workspace", toml)
        desk.dispatcher._senders["hook"].patience_s = PATIENCE_S  # type: ignore[attr-defined]  # it is a webhook
        for name in ("hook", "loud"):
            desk.emit(f"alert:1:{name}", name)
        assert asyncio.run(_states_while_it_hangs(desk)) == {"alert:1:hook": "sending", "alert:1:loud": "sent"}
        waiting = _found(desk)["alert:1:hook"]
        assert (waiting.state, waiting.n_tries) == ("waiting", 1)
        assert waiting.not_before > desk.clock.now()
        desk.clock.advance(600)
        desk.send()
        desk.place.close()
    assert len(hook.seen) == 1
    assert [_id_of(request) for request in heard] == [b"alert:1:hook"] * 2
