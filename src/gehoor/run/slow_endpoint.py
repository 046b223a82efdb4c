"""A slow reader behind an OpenAI-compatible address: a language model, here or elsewhere."""

import asyncio
from collections.abc import Sequence

import msgspec

from gehoor.core.clock import Clock
from gehoor.core.errors import RejectedRecord, TransientError
from gehoor.core.secret import secret_of
from gehoor.core.settings_slow import Slow
from gehoor.listen.http import Http
from gehoor.run.slow_reader import Answer
from gehoor.understand.question import answer_in, question

__all__ = ["TRUST", "EndpointReader"]

TRUST = 0.75
"""How probable its word is held to be: it tells no probability, and what it would tell of itself is no better."""

_MOST_TOKENS = 200
_MOST_BYTES = 1 << 18
_TIMEOUT_S = 60.0
_CHARS_A_TOKEN = 3  # where a server does not count: Dutch has three to four


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Usage(msgspec.Struct):
    total_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class EndpointReader:
    """Asks one question a post, with no tools and no memory; of the answer only known words count.

    Parameters
    ----------
    slow : Slow
        Of kind `endpoint`.
    clock : Clock
        Tells when the host may be called again.
    """

    at_once = 4

    def __init__(self, slow: Slow, clock: Clock) -> None:
        self._slow = slow
        self.name = f"endpoint/{slow.model}"
        self._url = f"{(slow.address or '').rstrip('/')}/chat/completions"
        self._http = Http(clock=clock, timeout_s=_TIMEOUT_S, max_bytes=_MOST_BYTES, allow_private=slow.allow_private)

    async def read(self, texts: Sequence[str]) -> list[Answer]:
        """Return an answer for each text; see `SlowReader`."""
        key = secret_of(self._slow.key)
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
        return list(await asyncio.gather(*(self._ask(text, headers) for text in texts)))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(self, text: str, headers: dict[str, str]) -> Answer:
        messages = question(text)
        asked = {
            "model": self._slow.model, "messages": messages, "temperature": 0, "max_tokens": _MOST_TOKENS,
            "response_format": {"type": "json_object"},
        }  # fmt: skip
        found = await self._http.post(self._url, msgspec.json.encode(asked), headers=headers)
        try:
            completion = msgspec.json.decode(found.body, type=_Completion)
        except (msgspec.DecodeError, UnicodeError):
            raise TransientError("The endpoint answers what is no chat completion: check its address.") from None
        content = (completion.choices[0].message.content if completion.choices else None) or ""
        n_tokens = completion.usage.total_tokens if completion.usage else 0
        if n_tokens <= 0:
            n_tokens = (sum(len(message["content"]) for message in messages) + len(content)) // _CHARS_A_TOKEN
        try:
            return Answer({task: (word, TRUST) for task, word in answer_in(content).items()}, n_tokens)
        except RejectedRecord:
            return Answer({}, n_tokens)
