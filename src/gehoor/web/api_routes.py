"""How an address of the API is made: under `/api/v1`, with all that it may say documented."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Annotated, Any, TypeVar

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter
from litestar.types import AnyCallable

from gehoor.web.api_trouble import PROBLEMS

__all__ = ["After", "Limit", "Number", "reads", "tagged", "writes"]

_T = TypeVar("_T")
_BASE = "/api/v1"
_MOST = 2**53 - 1  # what every JSON reader keeps to the digit

Number = Annotated[int, PathParameter(ge=1, le=_MOST, description="The id of a conversation.")]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="At most so many.")]
After = Annotated[
    str, QueryParameter(max_length=60, description="Where the page before ended: its `after`; empty: from the top.")
]


class _Made:
    """Puts the parts of every address together."""

    def __init__(self, path: str, tag: str, status: int) -> None:
        self._known: dict[str, Any] = {
            "path": _BASE + path, "tags": [tag], "responses": PROBLEMS, "status_code": status,
        }  # fmt: skip

    def reads(self, function: AnyCallable) -> HTTPRouteHandler:
        in_thread: dict[str, Any] = {} if iscoroutinefunction(function) else {"sync_to_thread": True}
        return get(**self._known, **in_thread)(function)

    def writes(self, function: AnyCallable) -> HTTPRouteHandler:
        return post(**self._known)(function)


def reads(path: str, tag: str) -> Callable[[AnyCallable], HTTPRouteHandler]:
    """Make a function the handler of a GET below `/api/v1`."""
    return _Made(path, tag, 200).reads


def writes(path: str, tag: str, status: int = 200) -> Callable[[AnyCallable], HTTPRouteHandler]:
    """Make a coroutine function the handler of a POST below `/api/v1`."""
    return _Made(path, tag, status).writes


def tagged(content: _T, version: str, status: int = 200) -> Response[_T]:
    """Return an answer with the version of a conversation as its ETag."""
    return Response(content, status_code=status, headers={"ETag": f'"{version}"'})
