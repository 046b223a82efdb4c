"""The door for receivers: a body comes in, the owner commits it, and only then the sender is told."""

from collections import defaultdict
from typing import cast

import msgspec
from litestar import HttpMethod, Response, route
from litestar.handlers import HTTPRouteHandler

from gehoor.core import registry
from gehoor.core.errors import GehoorError
from gehoor.core.page import RawPage
from gehoor.listen.base import Answer, Receiver, Request
from gehoor.web.frame import Ask
from gehoor.web.site import Site

__all__ = ["MAX_BODY", "receiver_paths", "receiver_routes", "too_large"]

MAX_BODY = 5_000_000

_RETRY_S = 5
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


def receiver_routes(site: Site) -> list[HTTPRouteHandler]:
    """Return a route for each path of the configured receivers.

    Receivers that share a path (two write keys) are asked in turn: the first that takes the request has it.
    """
    return [_route(path, receivers, site) for path, receivers in _by_path(site).items()]


def receiver_paths(site: Site) -> frozenset[str]:
    """Return the paths that strangers may post to."""
    return frozenset(_by_path(site))


def _by_path(site: Site) -> dict[str, list[Receiver]]:
    paths: dict[str, list[Receiver]] = defaultdict(list)
    for name, part in site.settings.receivers.items():
        receiver = cast(Receiver, registry.load("receivers", part.type)(name, part.options))
        for path in receiver.paths:
            paths[path].append(receiver)
    return dict(paths)


def _route(path: str, receivers: list[Receiver], site: Site) -> HTTPRouteHandler:
    methods = {HttpMethod(method) for receiver in receivers for method in getattr(receiver, "methods", ("POST",))}

    @route(path, http_method=[*methods, HttpMethod.OPTIONS], status_code=200, request_max_body_size=MAX_BODY)
    async def receive(request: Ask) -> Response[bytes]:
        """Take in one body."""
        if request.method == "OPTIONS":
            return Response(b"", status_code=204, headers=_CORS)
        headers = {name.lower(): value for name, value in request.headers.items()}
        heard = Request(
            method=request.method,
            path=path,
            query=request.url.query,
            headers=headers,
            body=await request.body(),
            received=site.clock.now(),
        )
        return await _heard(heard, receivers, site)

    return receive


async def _heard(heard: Request, receivers: list[Receiver], site: Site) -> Response[bytes]:
    refused: Answer | None = None
    for receiver in receivers:
        page = receiver.receive(heard)
        if isinstance(page, RawPage):
            return await _committed(receiver, page, site)
        refused = refused or page
    return _response(refused or _plain(404, "Nobody receives here."))


async def _committed(receiver: Receiver, page: RawPage, site: Site) -> Response[bytes]:
    try:
        receipt = await site.owner.hear(page)
    except GehoorError as error:
        wait_s = getattr(error, "retry_after_s", None) or _RETRY_S
        response = _response(_plain(503, f"Not kept: {error} Send it again in {wait_s:.0f} s."))
        response.headers["Retry-After"] = f"{wait_s:.0f}"
        return response
    return _response(receiver.answer(receipt))


def too_large() -> Answer:
    """Return the answer to a body that is larger than we take."""
    return _plain(413, f"The body is larger than {MAX_BODY // 1_000_000} MB: send it in smaller batches.")


def _plain(status: int, message: str) -> Answer:
    return Answer(status=status, body=msgspec.json.encode({"error": message}))


def _response(answer: Answer) -> Response[bytes]:
    return Response(answer.body, status_code=answer.status, media_type=answer.content_type, headers=dict(_CORS))
