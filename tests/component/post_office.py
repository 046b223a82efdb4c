"""A real SMTP server on loopback, and what it was handed."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

__all__ = ["Postbox", "post_office"]


class Postbox:
    """A mail server's memory; `cuts` breaks the line after the letter, before the answer."""

    def __init__(self, *, cuts: bool = False, refuses: str = "") -> None:
        self.letters: list[EmailMessage] = []
        self._cuts, self._refuses = cuts, refuses

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name for it
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take an address, or refuse it."""
        if self._refuses and self._refuses in address:
            return "550 unknown here"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a letter."""
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        if self._cuts:
            server.transport.abort()
        return "250 taken"


@contextmanager
def post_office(postbox: Postbox, **more: Any) -> Iterator[int]:
    """Serve SMTP on a free port; `more` goes to the server."""
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port: int = trial.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
