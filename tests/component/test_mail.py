"""The source `mail` against a real Dovecot: what comes in, what comes again, what breaks, and who may not come in."""

import asyncio
import json
import socket
import socketserver
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme

from gehoor.core.clock import StillClock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.page import RawPage
from gehoor.core.record import Activity
from gehoor.listen.mail import MailSource
from gehoor.listen.mail_decoder import MailDecoder
from gehoor.listen.mail_options import MailOptions
from tests.cast import NOON
from tests.component.dovecot import PASSWORD, Dovecot
from tests.component.hearing import Hearing
from tests.component.scripted import Asked, Scripted, answer

NASTY = Path(__file__).parents[1] / "data" / "mail"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot() as dovecot:
        yield dovecot


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mailbox of the test's own."""
    return str(request.node.name).replace("[", "-").replace("]", "")[:60]


def options(server: Dovecot, user: str, **more: Any) -> MailOptions:
    known = {"host": "127.0.0.1", "port": server.port, "security": "none", "user": user, "password": PASSWORD}
    return msgspec.convert(known | {"back_days": 36_500, "every_s": 5} | more, MailOptions)


def letter(number: int | str, more: str = "") -> bytes:
    head = f"From: An <an@elders.example>\r\nMessage-ID: <{number}@elders.example>\r\nSubject: Koffer {number}\r\n"
    return f"{head}{more}\r\nWaar is hij?\r\n".encode()


def source(options: MailOptions) -> MailSource:
    return MailSource("desk", options, StillClock(NOON))


async def _some(pages: AsyncIterator[RawPage], n: int, within_s: float = 120.0) -> list[RawPage]:
    found: list[RawPage] = []
    async with asyncio.timeout(within_s):
        while len(found) < n:
            found.append(await anext(pages))
    return found


def read(source: MailSource, n: int, cursor: bytes | None = None) -> list[RawPage]:
    async def some() -> list[RawPage]:
        pages = source.read(cursor)
        try:
            return await _some(pages, n)
        finally:
            await pages.aclose()  # type: ignore[attr-defined]  # a generator, as every source is

    return asyncio.run(some())


def decode(*pages: RawPage) -> list[Activity]:
    return [activity for page in pages for activity in MailDecoder().decode(page).activities]


def test_every_nasty_mail_is_stored_or_rejected_and_reading_goes_on(server: Dovecot, user: str, tmp_path: Path) -> None:
    names = sorted(path for path in NASTY.glob("*.eml"))
    for path in names:
        server.deliver(path.read_bytes(), user)
    server.deliver(letter("laatste"), user)
    pages = read(source(options(server, user, ours=["@acme.example"])), len(names) + 1)
    hearing = Hearing(tmp_path / "w")
    receipts = [hearing.hear_page(page) for page in pages]
    hearing.close()
    assert [receipt.n_stored + receipt.n_rejected for receipt in receipts] == [1] * (len(names) + 1)
    assert sum(receipt.n_rejected for receipt in receipts) == 2  # what is no mail at all
    assert decode(pages[-1])[0].text == "Koffer laatste\n\nWaar is hij?"


def test_new_mail_is_heard_at_once(server: Dovecot, user: str) -> None:
    async def hear() -> float:
        pages = source(options(server, user, every_s=60)).read(None)
        await _some(pages, 1)
        coming = asyncio.ensure_future(anext(pages))
        await asyncio.sleep(0.5)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        server.deliver(letter(2), user)
        await asyncio.wait_for(coming, 120)
        took = loop.time() - begun
        await pages.aclose()  # type: ignore[attr-defined]  # a generator, as every source is
        return took

    server.deliver(letter(1), user)
    assert asyncio.run(hear()) < 5.0


def test_reading_on_from_any_page_gives_the_rest(server: Dovecot, user: str) -> None:
    for number in range(6):
        server.deliver(letter(number), user)
    pages = read(source(options(server, user)), 6)
    ids = [activity.id for activity in decode(*pages)]
    assert ids == [f"<{number}@elders.example>" for number in range(6)]
    for n, page in enumerate(pages[:-1]):
        rest = read(source(options(server, user)), 5 - n, page.cursor)
        assert [activity.id for activity in decode(*rest)] == ids[n + 1 :]


def test_mail_of_33_megabytes_is_read_at_its_start_and_the_next_is_heard(server: Dovecot, user: str) -> None:
    server.deliver(letter(1) + (b"x" * 76 + b"\r\n") * 450_000, user)
    server.deliver(letter(2), user)
    pages = read(source(options(server, user)), 2)
    first, second = decode(*pages)
    assert (len(pages[0].payload), first.id, second.id) == (1 << 20, "<1@elders.example>", "<2@elders.example>")
    known = json.loads(first.properties or "")
    assert known["is_cut"] is True
    assert known["size"] > 32 << 20


def test_folder_that_is_numbered_anew_is_read_again_and_nothing_counts_twice(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    hearing = Hearing(tmp_path / "w")
    for number in range(3):
        server.deliver(letter(number), user)
    pages = read(source(options(server, user)), 3)
    assert sum(hearing.hear_page(page).n_stored for page in pages) == 3
    server.renumber(user)
    server.deliver(letter(3), user)
    again = read(source(options(server, user)), 4, pages[-1].cursor)
    receipts = [hearing.hear_page(page) for page in again]
    hearing.close()
    assert (sum(receipt.n_seen for receipt in receipts), sum(receipt.n_stored for receipt in receipts)) == (3, 1)


def test_reading_marks_nothing_as_seen(server: Dovecot, user: str) -> None:
    server.deliver(letter(1), user)
    read(source(options(server, user)), 1)
    (kept,) = [path for path in (server.root / "mail" / user).rglob("*.M*P1.test*") if path.parent.name != "tmp"]
    assert not kept.name.endswith("S")


def test_what_lies_in_the_folder_of_sent_mail_is_ours(server: Dovecot, user: str) -> None:
    server.deliver(letter(1), user)
    ours = (
        b"From: help@acme.example\r\nTo: an@elders.example\r\nMessage-ID: <2@acme.example>\r\nSubject: Re: Koffer\r\n"
    )
    server.deliver(ours + b"In-Reply-To: <1@elders.example>\r\n\r\nWe zoeken hem.\r\n", user, "Sent")
    chosen = options(server, user, folders=["INBOX", "Sent"], ours=["help@acme.example"])
    activities = decode(*read(source(chosen), 2))
    assert [(one.direction, one.conversation) for one in activities] == [
        ("in", "<1@elders.example>"),
        ("out", "<1@elders.example>"),
    ]


def test_second_folder_is_looked_at_every_while(server: Dovecot, user: str) -> None:
    async def hear() -> Activity:
        pages = source(options(server, user, folders=["INBOX", "Sent"], every_s=1)).read(None)
        await _some(pages, 1)
        coming = asyncio.ensure_future(anext(pages))
        await asyncio.sleep(0.3)
        server.deliver(letter(2), user, "Sent")
        page = await asyncio.wait_for(coming, 120)
        await pages.aclose()  # type: ignore[attr-defined]  # a generator, as every source is
        return decode(page)[0]

    server.deliver(letter(1), user)
    assert asyncio.run(hear()).id == "<2@elders.example>"


def test_mail_from_before_the_first_days_is_left_where_it_is(server: Dovecot, user: str) -> None:
    server.deliver(letter(1), user)
    clock = StillClock(NOON + 36_500 * 86_400_000_000)
    late = MailSource("desk", options(server, user, back_days=1), clock)

    async def hear() -> list[RawPage]:
        pages = late.read(None)
        coming = asyncio.ensure_future(anext(pages))
        done, _ = await asyncio.wait({coming}, timeout=0.7)
        coming.cancel()
        return [task.result() for task in done]

    assert asyncio.run(hear()) == []


def test_wrong_password_is_said_without_the_password(server: Dovecot, user: str) -> None:
    with pytest.raises(TransientError, match="refuses our password for") as caught:
        read(source(options(server, user, password="niet dit")), 1)
    assert "niet dit" not in str(caught.value)
    assert "niet dit" not in repr(options(server, user, password="niet dit"))


def test_folder_that_is_not_there_is_said_with_those_that_are(server: Dovecot, user: str) -> None:
    with pytest.raises(SettingError, match=r"no folder 'Postvak'\. It has: .*INBOX"):
        read(source(options(server, user, folders=["Postvak"])), 1)


def test_password_may_stand_in_a_file(server: Dovecot, user: str, tmp_path: Path) -> None:
    server.deliver(letter(1), user)
    kept = tmp_path / "wachtwoord"
    kept.write_text(f"{PASSWORD}\n")
    chosen = msgspec.structs.replace(options(server, user), password=None, password_file=kept)
    assert len(read(source(chosen), 1)) == 1


def test_server_that_goes_away_is_waited_for(tmp_path: Path, user: str) -> None:
    with Dovecot() as server:
        server.deliver(letter(1), user)
        desk = source(options(server, user))
        (page,) = read(desk, 1)
        server.stop()
        with pytest.raises(TransientError, match="does not hand over mail now"):
            read(desk, 1, page.cursor)
        server.start()
        server.deliver(letter(2), user)
        assert decode(*read(desk, 1, page.cursor))[0].id == "<2@elders.example>"


def test_server_that_goes_away_while_we_wait_is_said(user: str) -> None:
    async def hear(server: Dovecot) -> None:
        pages = source(options(server, user, every_s=60)).read(None)
        await _some(pages, 1)
        coming = asyncio.ensure_future(anext(pages))
        await asyncio.sleep(0.5)
        server.stop()
        await asyncio.wait_for(coming, 120)

    with Dovecot() as server:
        server.deliver(letter(1), user)
        with pytest.raises(TransientError, match="does not hand over mail now"):
            asyncio.run(hear(server))


def test_server_that_tells_nothing_by_itself_is_asked_every_while(user: str) -> None:
    async def hear(server: Dovecot) -> Activity:
        pages = source(options(server, user, folders=["INBOX", "Sent"], every_s=1)).read(None)
        await _some(pages, 1)
        coming = asyncio.ensure_future(anext(pages))
        await asyncio.sleep(0.3)
        server.deliver(letter(2), user)
        page = await asyncio.wait_for(coming, 120)
        await pages.aclose()  # type: ignore[attr-defined]  # a generator, as every source is
        return decode(page)[0]

    with Dovecot(more="protocol imap {\n imap_capability = IMAP4rev1 LITERAL+\n}") as server:
        server.deliver(letter(1), user)
        assert asyncio.run(hear(server)).id == "<2@elders.example>"


def test_line_is_secured_and_a_certificate_of_a_stranger_refused(
    tmp_path: Path, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    proof = authority.issue_cert("localhost")
    proof.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    proof.private_key_pem.write_to_path(tmp_path / "key.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with Dovecot(certificate=tmp_path / "cert.pem", key=tmp_path / "key.pem") as server:
        server.deliver(letter(1), user)
        with pytest.raises(TransientError, match="certificate that is not right"):
            read(source(options(server, user, host="localhost", security="tls", port=server.tls_port)), 1)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        for security, port in (("tls", server.tls_port), ("starttls", server.port)):
            chosen = options(server, user, host="localhost", security=security, port=port)
            assert len(read(source(chosen), 1)) == 1


def test_access_token_opens_the_mailbox(user: str) -> None:
    def whose(asked: Asked) -> bytes:
        if not asked.path.endswith("=ya29.goed"):
            return answer(400, b"{}", Content_Type="application/json")
        return answer(200, msgspec.json.encode({"email": user}), Content_Type="application/json")

    with Scripted(whose) as checker, Dovecot(tokeninfo=f"{checker.url}/?token=") as server:
        server.deliver(letter(1), user)
        assert len(read(source(options(server, user, login="xoauth2", password="ya29.goed")), 1)) == 1
        with pytest.raises(TransientError, match="refuses our token"):
            read(source(options(server, user, login="xoauth2", password="ya29.oud")), 1)


class Poisoned:
    """A line to a server that breaks whenever some words come over it."""

    def __init__(self, port: int, words: bytes) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(("127.0.0.1", port)) as there:
                    threading.Thread(target=self._copy, args=(self.request, there, b"\x00never"), daemon=True).start()
                    self._copy(there, self.request, words)

            def _copy(self, here: socket.socket, there: socket.socket, until: bytes) -> None:
                with suppress(OSError):
                    while (data := here.recv(65_536)) and until not in data:
                        there.sendall(data)
                for end in (here, there):
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> "Poisoned":
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def test_mail_over_which_the_line_breaks_is_a_reject_and_the_rest_is_heard(server: Dovecot, user: str) -> None:
    for number in (1, 2, 3):
        server.deliver(letter(number, "X-Gif: POISON\r\n" if number == 2 else ""), user)
    with Poisoned(server.port, b"POISON") as line:
        desk = source(options(server, user, port=line.port))
        pages: list[RawPage] = []
        for _ in range(8):  # as the source is read again after each break, from what was committed
            try:
                pages += read(desk, 3 - len(pages), pages[-1].cursor if pages else None)
            except TransientError:
                continue
            break
    assert [activity.id for activity in decode(*pages)] == ["<1@elders.example>", "<3@elders.example>"]
    (reject,) = MailDecoder().decode(pages[1]).rejects
    assert reject.reason.startswith("the server cannot hand over mail 2 of INBOX")


def test_what_a_machine_sent_counts_as_nothing_said_and_makes_nobody_a_customer(tmp_path: Path) -> None:
    hearing = Hearing(tmp_path / "w")
    for name in ("bounce", "vacation", "newsletter", "read_receipt"):
        raw = (NASTY / f"{name}.eml").read_bytes()
        hearing.hear_page(RawPage(source="desk", decoder="mail", payload=raw, received=NOON))
    with hearing.projector.engine.begin() as tx:
        kinds = {row.kind for row in tx.exec_driver_sql("SELECT kind FROM rollup")}
        n_persons = tx.exec_driver_sql("SELECT count(*) FROM person").scalar()
    hearing.close()
    assert (kinds, n_persons) == ({"do"}, 0)
