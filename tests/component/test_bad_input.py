"""What is broken goes aside with its reason, what is too much is refused, and everything else goes on."""

import gzip
import json
import os
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gehoor.core.reader import Post, PostFilter
from tests.component.whole import Whole, wait_for
from tests.crash.recorder import Recording, build_recorder

_MEMORY_MB = 60
"""So much more may be in use after a huge input than before it, all processes together."""


def _post(id_: str, text: str = "Waar blijft mijn koffer?", **more: object) -> bytes:
    return json.dumps({"id": id_, "published": "2026-04-14T12:00:00Z", "text": text, **more}).encode() + b"\n"


FILES: dict[str, bytes] = {
    "whole": b"".join(_post(f"whole-{n}") for n in range(500)),
    "broken_off": _post("off-1") + _post("off-2")[:40] + b"\n" + _post("off-3"),
    "charset": _post("char-1") + '{"id": "char-2", "text": "café"}\n'.encode("latin-1") + _post("char-3"),
    "date": _post("date-1") + _post("date-2", published="gisteren om drie") + _post("date-3"),
    "twice": _post("twice-1") + _post("twice-1", text="Iets heel anders.") + _post("twice-2"),
    "binary": os.urandom(5_000),
    "long": _post("long-1") + b'{"id": "long-2", "text": "' + b"x" * 12_000_000 + b'"}\n' + _post("long-3"),
}
REASONS = {
    "broken_off": ("line 2", "breaks off"),
    "charset": ("line 2", "not UTF-8"),
    "date": ("line 2", "published"),
    "twice": ("twice-1", "another text"),
    "long": ("12,0", "bytes"),
}
TOML = '[receivers.shop]\ntype = "segment"\nwrite_key = "sleutel"\n[receivers.w3c]\ntype = "activitystreams"\n'


def _source(name: str, path: Path, more: str = "") -> str:
    return f'[sources.{name}]\ntype = "file"\npath = {json.dumps(str(path))}\n{more}\n'


@pytest.fixture(scope="module")
def gehoor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """Run one gehoor on all that is broken."""
    folder = tmp_path_factory.mktemp("bad")
    toml = TOML
    for name, data in FILES.items():
        (folder / f"{name}.jsonl").write_bytes(data)
        toml += _source(name, folder / f"{name}.jsonl")
    with gzip.open(folder / "bomb.gz", "wb", compresslevel=1) as bomb:
        for _ in range(60):
            bomb.write(bytes(1 << 20))
    toml += _source("bomb", folder / "bomb.gz") + _source("absent", folder / "absent.jsonl")
    with Whole(folder / "workspace", toml) as whole:
        names = ["bomb", "absent", *FILES]
        wait_for("all are read", lambda: all(whole.is_at(n, "done") or whole.is_at(n, "stopped") for n in names), 40)
        yield whole


def test_what_is_whole_is_heard_beside_what_is_broken(gehoor: Whole) -> None:
    expected = {f"whole-{n}" for n in range(500)} | {"twice-1", "twice-2"}
    expected |= {f"{name}-{n}" for name in ("off", "char", "date", "long") for n in (1, 3)}
    assert {id_ for id_ in gehoor.ids() if "-" in id_} >= expected
    assert len(gehoor.ids()) == len(set(gehoor.ids()))


@pytest.mark.parametrize("name", REASONS)
def test_a_broken_row_is_kept_aside_and_says_where_and_what(gehoor: Whole, name: str) -> None:
    rejects = gehoor.rejects(name)
    assert len(rejects) == 1
    for words in REASONS[name]:
        assert words in rejects[0].reason
    assert 0 < len(rejects[0].raw) <= 65_536
    assert gehoor.source(name).n_rejected == 1


def test_of_one_id_with_two_texts_the_first_stays(gehoor: Whole) -> None:
    assert [post.text for post in _posts(gehoor, "twice-1")] == ["Waar blijft mijn koffer?"]


def _posts(gehoor: Whole, id_: str) -> list[Post]:
    return [post for post in gehoor.reader.posts(PostFilter(), limit=100_000) if post.id == id_]


def test_a_file_that_is_none_is_said_in_words(gehoor: Whole) -> None:
    for name in ("binary", "absent", "bomb"):
        state = gehoor.source(name)
        told = [state.message or "", *(row.reason for row in gehoor.rejects(name))]
        assert any(len(words) > 20 for words in told), name
    assert "absent.jsonl" in (gehoor.source("absent").message or "")


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/activities"])
def test_json_that_breaks_off_is_refused_and_kept_aside(gehoor: Whole, path: str) -> None:
    before = len(gehoor.rejects())
    reply = gehoor.post(path, b'{"batch": [{"type": "track", "event": "Ord')
    assert 400 <= reply.status < 500 and b"reason" in reply.body
    wait_for("it is kept aside", lambda: len(gehoor.rejects()) == before + 1)


def test_a_body_in_another_charset_is_refused(gehoor: Whole) -> None:
    body = '{"type": "track", "event": "Café bezocht", "userId": "1", "messageId": "latin"}'.encode("latin-1")
    reply = gehoor.post("/v1/track", body)
    assert reply.status == 400 and b"UTF-8" in reply.body
    assert gehoor.rejects("shop")


def test_a_body_of_50_mb_is_refused_and_memory_stays_flat(gehoor: Whole) -> None:
    before = gehoor.memory_mb()
    status, words = _stream(gehoor.port, 50_000_000)
    assert status == 413 and "5 MB" in words
    assert gehoor.memory_mb() < before + _MEMORY_MB
    assert _is_heard(gehoor, "after-50-mb")


def test_a_body_of_50_mb_whose_length_is_not_told_is_refused_too(gehoor: Whole) -> None:
    before = gehoor.memory_mb()
    status, words = _stream(gehoor.port, 50_000_000, is_chunked=True)
    assert status == 413 and "5 MB" in words
    assert gehoor.memory_mb() < before + _MEMORY_MB


def _stream(port: int, n_bytes: int, *, is_chunked: bool = False) -> tuple[int, str]:
    """Send a huge body as careless clients do, and return the answer, which may come before the end."""
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {n_bytes}"
    block = b"x" * 100_000
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        head = f"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic c2xldXRlbDo=\r\n{length}\r\n\r\n"
        line.sendall(head.encode())
        try:
            for _ in range(n_bytes // len(block)):
                line.sendall(b"186a0\r\n" + block + b"\r\n" if is_chunked else block)
        except OSError:  # it has answered, and hung up
            pass
        said = _received(line)
    return int(said.split(" ", 2)[1]), said


def _received(line: socket.socket) -> str:
    said = b""
    try:
        while b"}" not in said and (block := line.recv(65_536)):
            said += block
    except ConnectionResetError:
        pass
    assert said, "it hung up without an answer"
    return said.decode()


def test_a_gzip_bomb_is_refused_and_memory_stays_flat(gehoor: Whole) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    before = gehoor.memory_mb()
    reply = gehoor.post("/v1/batch", bomb, Content_Encoding="gzip")
    assert reply.status == 413
    assert gehoor.memory_mb() < before + _MEMORY_MB
    assert _is_heard(gehoor, "after-bomb")


def _is_heard(gehoor: Whole, message: str) -> bool:
    event = {"type": "track", "event": "Order Completed", "userId": "1", "messageId": message}
    return gehoor.post("/v1/track", event).status == 200 and message in gehoor.ids()


# -- the disk is full -------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Recording:
    """Give a folder whose disk can be full, and have room again."""
    recording = Recording(build_recorder(tmp_path), tmp_path / "workspace", tmp_path / "log")
    recording.set_room(-1)
    return recording


def test_a_full_disk_is_said_loses_nothing_acknowledged_and_is_over_by_itself(disk: Recording, tmp_path: Path) -> None:
    grows = tmp_path / "grows.jsonl"
    grows.write_bytes(_post("grows-0"))
    toml = TOML + _source("grows", grows, "follow = true")
    with Whole(disk.root, toml, disk.env()) as gehoor:
        wait_for("the file is read", lambda: "grows-0" in gehoor.ids())
        disk.set_room(0)
        acknowledged = _fill(gehoor)
        with grows.open("ab") as file:
            file.write(b"".join(_post(f"grows-{n}", "woord " * 100) for n in range(1, 400)))
        wait_for("the source waits", lambda: _told(gehoor, "grows"))
        assert gehoor.process.poll() is None
        assert gehoor.get("/").status == 200
        assert set(acknowledged) <= set(gehoor.ids())
        disk.set_room(-1)
        wait_for("the file is read on", lambda: "grows-399" in gehoor.ids())
        wait_for("the sender is heard again", lambda: _is_heard(gehoor, "after-full"))
        wait_for("the source says so", lambda: gehoor.is_at("grows", "running"))
        assert set(acknowledged) <= set(gehoor.ids()) and len(gehoor.ids()) == len(set(gehoor.ids()))
        assert gehoor.stop() == 0


def _fill(gehoor: Whole) -> list[str]:
    """Send until it says that there is no room, and return what was answered 200."""
    acknowledged: list[str] = []
    for n in range(300):
        ids = [f"fill-{n}-{i}" for i in range(50)]
        batch = [
            {
                "type": "track",
                "event": "Order Completed",
                "userId": "1",
                "messageId": id_,
                "properties": {"a": "b" * 99},
            }
            for id_ in ids
        ]
        reply = gehoor.post("/v1/batch", {"batch": batch})
        if reply.status == 503:
            assert int(reply.headers["Retry-After"]) > 0 and b"full" in reply.body
            return acknowledged
        assert reply.status == 200
        acknowledged += ids
    raise AssertionError("the disk was never full")


def _told(gehoor: Whole, name: str) -> bool:
    sources = gehoor.status()["sources"]
    assert isinstance(sources, dict)
    status, message = sources[name]
    return status == "waiting" and "full" in message
