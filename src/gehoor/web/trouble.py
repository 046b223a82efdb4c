"""What somebody sees when a page cannot be made: in words, with a way on."""

import logging

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap
from sqlalchemy.exc import DBAPIError

from gehoor.core.errors import SettingError, StoreError, TransientError
from gehoor.web.frame import Ask, frame_of
from gehoor.web.receive import too_large
from gehoor.web.speech import catalogue
from gehoor.web.who import NotYours

__all__ = ["TROUBLE"]

_log = logging.getLogger(__name__)


def _page(request: Ask, status: int, detail: str) -> Response[str]:
    code = status if f"error.{status}.title" in catalogue("en") else 400 if status < 500 else 500
    return frame_of(request).page("error.html", status=status, code=code, detail=detail)


def _on_http(request: Ask, error: HTTPException) -> Response[str]:
    if error.status_code >= 500:
        return _on_any(request, error)
    shown = error.detail if error.status_code in {400, 401, 403, 421, 429} else ""
    return _page(request, error.status_code, shown)


def _on_right(request: Ask, error: NotYours) -> Response[str]:
    frame = frame_of(request)
    return frame.page("error.html", status=403, code="right", detail=frame.speech.word("right", error.detail))


def _on_receiver_size(_request: Ask, _error: HTTPException) -> Response[bytes]:
    answer = too_large()
    return Response(answer.body, status_code=answer.status, media_type="application/json")


def _on_setting(request: Ask, error: SettingError) -> Response[str]:
    return _page(request, 400, str(error))


def _on_store(request: Ask, error: StoreError | TransientError) -> Response[str]:
    return _page(request, 503, str(error))


def _on_database(request: Ask, error: DBAPIError) -> Response[str]:
    _log.warning("%s %s: the ledger could not be read", request.method, request.url.path, exc_info=error)
    return _page(request, 503, "")  # a day's file was just being made or dropped, or somebody holds the file


def _on_any(request: Ask, error: Exception) -> Response[str]:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _page(request, 500, "")


TROUBLE: ExceptionHandlersMap = {
    413: _on_receiver_size,
    HTTPException: _on_http,
    NotYours: _on_right,
    SettingError: _on_setting,
    StoreError: _on_store,
    DBAPIError: _on_database,
    TransientError: _on_store,
    500: _on_any,
}
