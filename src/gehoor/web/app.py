"""The web application: routes, guards and errors put together, and the server that carries it."""

from collections.abc import Callable
from pathlib import Path
from socket import socket

import uvicorn
from litestar import Litestar, Response
from litestar.datastructures import CacheControlHeader, State
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from gehoor.core.clock import Clock, SystemClock
from gehoor.core.reader import Reader
from gehoor.core.settings import load
from gehoor.run.control import Control
from gehoor.web.alert_decisions import ALERT_DECISIONS
from gehoor.web.alert_pages import ALERT_PAGES
from gehoor.web.api_heard import API
from gehoor.web.api_trouble import problems_too
from gehoor.web.case_pages import CASE_PAGES
from gehoor.web.conversation_decisions import CONVERSATION_DECISIONS
from gehoor.web.decisions import DECISIONS
from gehoor.web.desk_drafts import DESK_DRAFTS
from gehoor.web.desk_presence import Presence
from gehoor.web.dropped_pages import DROPPED_PAGES
from gehoor.web.edition_pages import EDITION_PAGES
from gehoor.web.frame import Ask
from gehoor.web.guard import harden
from gehoor.web.inbox_decisions import INBOX_DECISIONS
from gehoor.web.inbox_pages import INBOX_PAGES
from gehoor.web.labelling_pages import LABELLING
from gehoor.web.live import Live
from gehoor.web.login_pages import LOGIN_PAGES
from gehoor.web.loyalty_pages import LOYALTY_PAGES
from gehoor.web.me_pages import ME_PAGES
from gehoor.web.metrics import METRICS
from gehoor.web.mirror_pages import MIRROR_PAGES
from gehoor.web.need_pages import NEED_PAGES
from gehoor.web.pages import HANDLERS
from gehoor.web.people_pages import PEOPLE_PAGES
from gehoor.web.person_decisions import PERSON_DECISIONS
from gehoor.web.quality_pages import QUALITY
from gehoor.web.receive import receiver_paths, receiver_routes
from gehoor.web.renewal import Renewal
from gehoor.web.report_pages import REPORT_PAGES
from gehoor.web.roster_pages import ROSTER_PAGES
from gehoor.web.segment_pages import SEGMENT_PAGES
from gehoor.web.settings_changes import SETTINGS_CHANGES
from gehoor.web.settings_pages import SETTINGS_PAGES
from gehoor.web.similar_pages import SIMILAR_PAGES
from gehoor.web.site import Site
from gehoor.web.snippet_pages import SNIPPET_PAGES
from gehoor.web.story_pages import STORY_PAGES
from gehoor.web.story_seen import SeenStories
from gehoor.web.survey_pages import SURVEY_PAGES
from gehoor.web.team_pages import TEAM_PAGES
from gehoor.web.today import Counted
from gehoor.web.trouble import TROUBLE
from gehoor.web.welcome import welcome_instead
from gehoor.web.welcome_pages import WELCOME_PAGES
from gehoor.web.who import Guard

__all__ = ["Server", "app_of", "create_app", "serve"]

_STATIC = Path(__file__).with_name("static")
_CACHE = CacheControlHeader(max_age=7 * 86_400, public=True)
_GOODBYE_S = 2
_ROUTES: list[ControllerRouterHandler] = [
    *HANDLERS, *SIMILAR_PAGES, *ALERT_PAGES, *ALERT_DECISIONS, *STORY_PAGES, *DECISIONS, *DROPPED_PAGES, *EDITION_PAGES,
    *LABELLING, *LOYALTY_PAGES, *METRICS, *MIRROR_PAGES, *PEOPLE_PAGES, *PERSON_DECISIONS, *QUALITY, *SEGMENT_PAGES,
    *SETTINGS_PAGES, *ROSTER_PAGES, *SETTINGS_CHANGES, *WELCOME_PAGES, *LOGIN_PAGES, *ME_PAGES, *TEAM_PAGES,
    *CASE_PAGES, *NEED_PAGES,
    *INBOX_PAGES, *INBOX_DECISIONS, *CONVERSATION_DECISIONS, *DESK_DRAFTS, *SURVEY_PAGES, *SNIPPET_PAGES,
    *API, *REPORT_PAGES,
]  # fmt: skip


class _App(Litestar):
    """Litestar without its plugins for other people's models, whose imports cost each start 0.4 s of CPU."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


class Server(uvicorn.Server):
    """Uvicorn, which lets go of open pages first: it would else wait for them until its time is up."""

    def __init__(self, app: Litestar, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._live: Live = app.state.live

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop in order."""
        await self._live.end()
        await super().shutdown(sockets)


def create_app(root: Path, clock: Clock, leave: Callable[[], None] | None = None) -> Litestar:
    """Return the application of the workspace in `root`.

    Parameters
    ----------
    leave : callable, optional
        Called when the process must begin anew, since its receivers changed.

    Raises
    ------
    SettingError
        If `gehoor.toml` is missing or wrong.
    """
    return app_of(Site(load(root), Reader(root), Control(root), clock), leave)


def app_of(site: Site, leave: Callable[[], None] | None = None) -> Litestar:
    """Return the application of a site; `leave` as for `create_app`."""
    live, renewal = Live(site.reader), Renewal(site, leave)
    doorkeeper = Guard(site, receiver_paths(site))

    async def guard(request: Ask) -> Response[object] | None:
        return await doorkeeper(request) or welcome_instead(site, request)

    async def close() -> None:
        await live.stop()
        await renewal.stop()
        site.reader.close()

    return _App(
        route_handlers=[
            *_ROUTES,
            *receiver_routes(site),
            create_static_files_router(path="/static", directories=[_STATIC], cache_control=_CACHE),
        ],
        before_request=guard,
        before_send=[harden],
        exception_handlers=problems_too(TROUBLE),
        on_startup=[live.start, renewal.start],
        on_shutdown=[close],
        state=State({**_state(site), "live": live, "renewal": renewal}),
        openapi_config=None,
        logging_config=None,  # whoever starts the process says where its words go
    )


def _state(site: Site) -> dict[str, object]:
    """Return what pages share."""
    return {"site": site, "counted": Counted(site), "stories": SeenStories(site), "presence": Presence()}


def serve(root: Path, host: str, port: int, *, clock: Clock | None = None) -> None:
    """Serve the workspace in `root` until the process is told to stop; open streams get two seconds."""

    def leave() -> None:
        server.should_exit = True

    proxy, app = load(root).web.proxy, create_app(root, clock or SystemClock(), leave)
    config = uvicorn.Config(
        app,
        proxy_headers=proxy is not None,  # by itself uvicorn believes everybody on this machine
        forwarded_allow_ips=proxy,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GOODBYE_S,
    )
    server = Server(app, config)
    server.run()
