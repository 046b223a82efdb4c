"""A draft of a language model behind an OpenAI-compatible address: off by default, without tools, of one customer."""

import msgspec

from gehoor.answer.asking import draft_question, harmless
from gehoor.answer.drafts import Draft
from gehoor.core.clock import Clock
from gehoor.core.desk import Conversation
from gehoor.core.errors import TransientError
from gehoor.core.secret import secret_of
from gehoor.core.settings_desk import DraftEndpoint
from gehoor.listen.http import Http

__all__ = ["ENDPOINT", "written"]

ENDPOINT = "model"
"""As what a draft of a model stands among its sources."""

_MOST_TOKENS, _MOST_BYTES, _TIMEOUT_S = 600, 1 << 18, 30.0
_MOST_CHARS = 4_000


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: list[_Choice]


async def written(
    endpoint: DraftEndpoint, clock: Clock, found: Conversation, earlier: list[Draft], most: int | None
) -> Draft | None:
    """Return what a model drafts; None where none was set up, or nothing is left of what it wrote.

    It is sent the words of this conversation, and earlier answers without what was anybody's own: no name, no address,
    no order, no note of the team.

    Raises
    ------
    TransientError
        It does not answer, or not as it should.
    """
    if not (endpoint.address and endpoint.model) or found.row is None:
        return None
    said = [
        ("customer" if one.direction == "in" else "us", one.text) for one in found.messages if one.text and not one.was
    ]
    asked = {
        "model": endpoint.model, "temperature": 0, "max_tokens": _MOST_TOKENS,
        "messages": draft_question(said, [one.text for one in earlier], found.row.language, most),
    }  # fmt: skip
    key = secret_of(endpoint.key)
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
    http = Http(clock=clock, timeout_s=_TIMEOUT_S, max_bytes=_MOST_BYTES, allow_private=endpoint.allow_private)
    try:
        answer = await http.post(
            f"{endpoint.address.rstrip('/')}/chat/completions", msgspec.json.encode(asked), headers=headers
        )
    finally:
        await http.aclose()
    try:
        completion = msgspec.json.decode(answer.body, type=_Completion)
    except (msgspec.DecodeError, UnicodeError):
        raise TransientError("The endpoint answers what is no chat completion: check its address.") from None
    content = (completion.choices[0].message.content if completion.choices else None) or ""
    text = harmless(content, endpoint.links, min(most or _MOST_CHARS, _MOST_CHARS))
    return Draft(text=text, sources=(ENDPOINT,), score=0.0) if text else None
