"""How other processes speak to the owner: framed MessagePack over a unix socket that only this user can open."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from gehoor.core.errors import GehoorError, SettingError, TransientError
from gehoor.core.page import RawPage, Receipt

__all__ = ["Control", "Handler", "serve_control", "socket_path"]

Handler = Callable[[str, dict[str, Any]], Awaitable[Any]]

_LONGEST = 100
_LIMIT = 64 << 20


class _Call(msgspec.Struct):
    op: str
    arguments: dict[str, Any]


class _Reply(msgspec.Struct):
    value: Any = None
    error: str | None = None
    kind: str = ""


def socket_path(root: Path) -> Path:
    """Return where the owner listens; a path that is too long for a socket gets a short stand-in."""
    path = root.resolve() / "run" / "owner.sock"
    if len(os.fsencode(path)) < _LONGEST:
        return path
    name = f"gehoor-{os.getuid()}-{hashlib.blake2b(os.fsencode(path), digest_size=12).hexdigest()}.sock"
    folder = tempfile.gettempdir()  # which may be a long way off itself
    return Path(folder if len(os.fsencode(folder)) + len(name) < _LONGEST else "/tmp") / name


async def _read(reader: asyncio.StreamReader) -> bytes:
    size = int.from_bytes(await reader.readexactly(4), "big")
    return await reader.readexactly(min(size, _LIMIT))


def _frame(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


async def serve_control(root: Path, handle: Handler) -> asyncio.Server:
    """Answer calls of other processes until the server is closed."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                call = msgspec.msgpack.decode(await _read(reader), type=_Call)
                try:
                    reply = _Reply(value=await handle(call.op, call.arguments))
                except GehoorError as error:
                    reply = _Reply(error=str(error), kind=type(error).__name__)
                writer.write(_frame(msgspec.msgpack.encode(reply)))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other side hung up: nothing is owed to it
        finally:
            writer.close()

    path = socket_path(root)
    path.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(talk, path=str(path))
    path.chmod(0o600)
    return server


class Control:
    """The owner, seen from another process.

    Parameters
    ----------
    root : Path
        The workspace.
    """

    def __init__(self, root: Path) -> None:
        self._path = socket_path(root)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def call(self, op: str, **arguments: Any) -> Any:
        """Ask the owner for something and return its answer.

        Raises
        ------
        TransientError
            The owner is away, or could not do it now (disk full): try again.
        """
        reply = None
        while reply is None and self._idle:  # a line from before the owner's last start is dead: take the next
            reply = await self._ask(self._idle.pop(), op, arguments)
        if reply is None:
            try:
                fresh = await asyncio.open_unix_connection(str(self._path))
            except OSError as error:
                raise TransientError("gehoor is not running here: start it with `gehoor serve`.", 1.0) from error
            reply = await self._ask(fresh, op, arguments)
        if reply is None:
            raise TransientError("gehoor stopped before it could answer.", 1.0)
        if reply.error is not None:
            raise SettingError(reply.error) if reply.kind == "SettingError" else TransientError(reply.error, 2.0)
        return reply.value

    async def _ask(
        self, pair: tuple[asyncio.StreamReader, asyncio.StreamWriter], op: str, arguments: dict[str, Any]
    ) -> _Reply | None:
        """Send a call and return the reply; None when the line is dead. Every call may be made twice without harm."""
        reader, writer = pair
        try:
            writer.write(_frame(msgspec.msgpack.encode(_Call(op, arguments))))
            await writer.drain()
            reply = msgspec.msgpack.decode(await _read(reader), type=_Reply)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()
            return None
        self._idle.append(pair)
        return reply

    async def hear(self, page: RawPage) -> Receipt:
        """Hand over a page and wait until it is committed and on disk."""
        return msgspec.convert(await self.call("hear", page=page), Receipt)
