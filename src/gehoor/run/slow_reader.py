"""What reads again: the contract of slow readers, and which one the settings ask for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from gehoor.core.clock import Clock
from gehoor.core.settings_slow import Slow

__all__ = ["Answer", "SlowReader", "make_reader"]


class Answer(NamedTuple):
    """What a slow reader says of one post: by task a word and how probable it is; and what it cost."""

    said: Mapping[str, tuple[str, float]]
    n_tokens: int = 0


class SlowReader(Protocol):
    """Reads some posts again; slow, fallible, and never in the way."""

    name: str
    at_once: int

    async def read(self, texts: Sequence[str]) -> list[Answer]:
        """Return an answer for each text; one that says nothing where there is none that can be used.

        Raises
        ------
        TransientError
            Nobody answers now: later.
        SettingError
            It cannot work like this: what to change.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and processes."""
        ...


def make_reader(slow: Slow, root: Path, clock: Clock) -> SlowReader:
    """Return the reader that `[slow]` names, with nothing loaded or called yet."""
    if slow.kind == "endpoint":
        from gehoor.run.slow_endpoint import EndpointReader

        return EndpointReader(slow, clock)
    from gehoor.run.slow_process import ProcessReader

    return ProcessReader(slow, root)
