"""Why the API did not do something: problem details (RFC 9457) in plain words, instead of a page."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap
from sqlalchemy.exc import DBAPIError

from gehoor.core.errors import SettingError, StoreError, TransientError
from gehoor.web.api_types import Problem
from gehoor.web.frame import Ask
from gehoor.web.who import NotYours

__all__ = ["PROBLEMS", "Changed", "Unsaid", "problems_too"]

API = "/api/"
_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)

_WORDS = {
    400: "That cannot be read, or cannot be done.",
    401: "Say who asks: send a token as Authorization: Bearer TOKEN. People make them under *Me*.",
    403: "This token may not do that.",
    404: "There is no such thing, or it is not yours to see.",
    405: "That address does not take this method.",
    409: "This Idempotency-Key was used for something else.",
    412: "The conversation changed since you read it. Read it again, and try with its new ETag.",
    428: "Say what you saw: send the conversation's ETag as If-Match.",
    429: "That is too often. Wait for as many seconds as Retry-After says.",
    503: "gehoor is not running, or busy. Try again in a while.",
}

PROBLEMS = {
    status: ResponseSpec(Problem, description=words, media_type=_TYPE, generate_examples=False)
    for status, words in _WORDS.items()
}
"""What every address of the API may say instead of what was asked."""


class Changed(HTTPException):
    """Somebody wrote or did something since the conversation was read."""

    status_code = 412


class Unsaid(HTTPException):
    """An act that does not say what was seen."""

    status_code = 428


def problems_too(handlers: ExceptionHandlersMap) -> ExceptionHandlersMap:
    """Return handlers of exceptions that answer the API in problem details, and everybody else as they did."""
    return {kind: _split(handler) for kind, handler in handlers.items()}


def _split(handler: Callable[[Any, Any], Response[Any]]) -> Callable[[Any, Any], Response[Any]]:
    def answer(request: Ask, error: Any) -> Response[Any]:
        return _problem(request, error) if request.url.path.startswith(API) else handler(request, error)

    return answer


def _problem(request: Ask, error: Exception) -> Response[Problem]:
    status, detail = _told(error)
    if status >= 500:
        _log.log(logging.ERROR if status == 500 else logging.WARNING, "%s failed", request.url.path, exc_info=error)
    known = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail or _WORDS.get(status, ""))
    headers = dict(getattr(error, "headers", None) or {})
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(known, status_code=status, media_type=_TYPE, headers=headers)


def _told(error: Exception) -> tuple[int, str]:
    """Return the status and the words of an error."""
    match error:
        case NotYours():
            return 403, f"This needs the right {error.detail}."
        case ValidationException():
            return 400, "; ".join(f"{one['key']}: {one['message']}" for one in _extra(error)) or error.detail
        case HTTPException():
            return error.status_code, error.detail if error.status_code not in (401, 404, 405, 412, 428) else ""
        case SettingError():
            return 400, str(error)
        case StoreError() | TransientError() | DBAPIError():
            return 503, ""
        case _:
            return 500, "That is our mistake. It is in the log."


def _extra(error: ValidationException) -> list[dict[str, str]]:
    return [
        {"key": one.get("key", ""), "message": one.get("message", "")}
        for one in (error.extra if isinstance(error.extra, list) else [])
        if isinstance(one, dict)
    ]
