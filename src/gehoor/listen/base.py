"""The contracts of this room: `Source` (we pull), `Receiver` (they push), `Decoder`, `Sender`, `Replier` (we send)."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

import msgspec

from gehoor.core.clock import Clock
from gehoor.core.message import Delivery, Message
from gehoor.core.page import Decoded, RawPage, Receipt
from gehoor.core.reply import Able, Reply

__all__ = ["Answer", "Decoder", "Receiver", "Replier", "Request", "Sender", "Source"]


class Source(Protocol):
    """Reads a channel from a cursor on.

    Built once per `[sources.<name>]` of `gehoor.toml`: `Source(name, options, clock)`, where options is the typed
    `Options` struct of the class, checked when the settings are read. A class variable `argument` of it names the list
    that `gehoor add TYPE WORDS` fills. An attribute `note` of a source, if it has one, says what the operator should
    know though it works; it is shown while it runs. A method `take_settings`, if it has one, is called with the
    settings of the workspace before it is read.
    """

    Options: type[msgspec.Struct]
    name: str

    def __init__(self, name: str, options: Any, clock: Clock) -> None: ...

    def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Yield raw pages from `cursor` on (None: from the start); end when there is no more to come.

        Re-reading a little before the cursor is allowed. It must not block the event loop for longer than 50 ms,
        and must keep no more than one page in memory: the consumer asks for the next page when there is room.

        Raises
        ------
        TransientError
            The channel is away for now: we come back with the last committed cursor, after a growing pause.
        SettingError
            It will never work like this (no such file, refused token): shown to the user, not retried.
        """
        ...


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP request as a receiver sees it. Header names are lower case."""

    method: str = "POST"
    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: bytes
    received: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back: a status and a body, JSON unless it says otherwise."""

    status: int
    body: bytes
    content_type: str = "application/json"


class Receiver(Protocol):
    """Turns a request into a raw page, and the ledger's receipt into an answer. No state, no storage.

    A class variable `methods` names the HTTP methods it takes; without one it takes POST.
    """

    Options: type[msgspec.Struct]
    paths: tuple[str, ...]
    name: str

    def __init__(self, name: str, options: Any) -> None: ...

    def receive(self, request: Request) -> RawPage | Answer:
        """Return the page to commit (with `wants_items`), or at once the answer that refuses the request."""
        ...

    def answer(self, receipt: Receipt) -> Answer:
        """Return what the sender is told, after the commit: the fate of each item."""
        ...


class Decoder(Protocol):
    """Reads a raw page. Stateless and deterministic: the same page gives the same activities in any process."""

    version: str

    def decode(self, page: RawPage) -> Decoded:
        """Return the page's activities and rejects; one bad item never costs the others.

        A decoder raises nothing but `RejectedRecord`, and that only when no item of the page can be told apart.
        """
        ...


class Sender(Protocol):
    """Tells somebody of ours something: by mail, by a webhook. Built once per `[senders.<name>]`."""

    Options: type[msgspec.Struct]
    name: str
    takes_key: bool
    """True: the other side tells repeats by the key, so that what may have been sent can be sent again."""

    def __init__(self, name: str, options: Any, clock: Clock) -> None: ...

    async def send(self, message: Message, key: str) -> Delivery:
        """Send once under an idempotency key; say so when it may have arrived and nobody can tell.

        Raises
        ------
        TransientError
            Nothing was taken: we come back.
        SettingError
            It will never be taken like this (refused address, refused password).
        """
        ...


class Replier(Protocol):
    """Puts an answer of ours on a channel. Built once per `[repliers.<name>]`.

    A class variable `channel` names the channel that it answers on; `most` says how many characters fit (None: any
    number), and `length` how many a text takes there, as the channel counts (a link may count for 23).
    """

    Options: type[msgspec.Struct]
    channel: str
    name: str
    takes_key: bool
    """True: the channel tells repeats by the key. What may have left is looked up first all the same."""

    def __init__(self, name: str, options: Any, clock: Clock) -> None: ...

    @property
    def most(self) -> int | None:
        """Return how many characters fit; None: any number."""
        ...

    def length(self, text: str) -> int:
        """Return how many characters a text takes on this channel."""
        ...

    async def reply(self, reply: Reply, key: str) -> Delivery:
        """Send once under an idempotency key; say `unknown` when it may have arrived and nobody can tell.

        Raises
        ------
        TransientError
            Nothing was taken, for certain: we come back.
        SettingError
            It will never be taken like this (message gone, refused token, too long).
        """
        ...

    async def find(self, reply: Reply, key: str) -> Delivery | None:
        """Look up whether a reply that may have left is there.

        Return it as `sent`; None: it is not there, for certain, and is sent anew; `unknown`: nobody can tell, and a
        person decides.

        Raises
        ------
        TransientError
            The channel is away for now: it is asked again.
        SettingError
            We may not look (refused token).
        """
        ...

    async def check(self) -> Able:
        """Say as whom it would answer, and post nothing; errors as of `find`."""
        ...
