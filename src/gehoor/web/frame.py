"""What surrounds every page: language, theme, rooms, and Jinja with escaping always on."""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, cast
from urllib.parse import urlencode

import jinja2
import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie, State
from litestar.enums import MediaType
from markupsafe import Markup

from gehoor.core.alert import Carrier
from gehoor.core.judgement import JUDGEMENTS
from gehoor.core.member import NOBODY, YOU, Member
from gehoor.core.reader import PostFilter
from gehoor.core.rights import Belonging, Right, may
from gehoor.web.alerts import OPEN_ONLY, name_of, open_alerts
from gehoor.web.curve import ENOUGH_DAYS
from gehoor.web.done import DONE_COOKIE, done_of
from gehoor.web.doors import door_of, opens_for
from gehoor.web.filters import posts_path
from gehoor.web.on_duty import on_duty
from gehoor.web.period import PERIODS
from gehoor.web.safe import excerpt, link_of, plain, shorten, tongue
from gehoor.web.site import Site
from gehoor.web.speech import LANGUAGES, Language, Speech, preferred

__all__ = ["Ask", "Frame", "frame_of", "open_link", "quoted", "rendered", "version"]

Ask = Request[object, object, State]
Room = Literal["today", "inbox", "posts", "stories", "alerts", "people", "mirror", "quality", "sources", "settings"]

_YEAR_S = 365 * 86_400
_STATIC = (
    "base.css", "forms.css", "inbox.css", "loyalty.css", "mirror.css", "pages.css", "paper.css", "people.css",
    "quality.css", "report.css", "stories.css", "team.css", "tokens.css",
    "chart.js", "inbox.js", "inbox_keys.js", "keys.js", "label.js", "live.js", "moment.js", "vendor/VERSIONS.txt",
)  # fmt: skip


@cache
def version() -> str:
    """Return a digest of our static files, so that a browser keeps them until they change."""
    content = b"".join(files("gehoor.web").joinpath("static", name).read_bytes() for name in _STATIC)
    return hashlib.blake2b(content, digest_size=4).hexdigest()


def _finalize(value: object) -> object:
    """Clean every value on its way into a page; what is markup already stays markup."""
    if isinstance(value, Markup):
        return Markup(plain(value))
    return plain(value) if isinstance(value, str) else value


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("gehoor.web"),
        autoescape=True,
        finalize=_finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(plain=plain, link=link_of, tongue=tongue, excerpt=excerpt)
    environment.globals.update(
        version=version(), periods=PERIODS, languages=LANGUAGES, enough_days=ENOUGH_DAYS,
        link=open_link, path=_path, quoted=quoted, narrowed=_narrowed, carried=_carried, shorten=shorten,
        alert_name=name_of, judgements=JUDGEMENTS, on_duty=on_duty,
    )  # fmt: skip
    return environment


def rendered(template: str, speech: Speech, **context: object) -> str:
    """Return what no request surrounds: paper, mail."""
    return _environment().get_template(template).render(t=speech.say, speech=speech, **context)


def _path(**narrow: str | int) -> str:
    return posts_path(PostFilter(**narrow))  # type: ignore[arg-type]  # templates know the fields


def _narrowed(base: PostFilter, **narrow: str | int) -> str:
    return posts_path(msgspec.structs.replace(base, **narrow))


def _carried(base: PostFilter, carrier: Carrier) -> str:
    return _narrowed(base, actor=carrier.actor, channel=carrier.channel)


def open_link(href: str, text: str) -> Markup:
    """Return a number or word that opens the posts behind it."""
    return Markup('<a class="open" href="{}">{}</a>').format(href, text)


def quoted(words: Sequence[str]) -> Markup:
    """Return words of somebody's text between quotes, each kept to itself."""
    return Markup(", ").join(Markup("“<bdi>{}</bdi>”").format(word) for word in words)


class Frame:
    """One request's language, theme and place; makes the pages.

    Parameters
    ----------
    site : Site
        The workspace.
    request : Request
        Whose `lang` (query, then cookie, then Accept-Language) and `theme` cookie are followed; `member` is who asks.
    """

    def __init__(self, site: Site, request: Ask) -> None:
        self.site = site
        self.query = {name: value for name, value in request.query_params.items() if isinstance(value, str)}
        self.path = request.url.path
        self.base = str(request.base_url).rstrip("/")
        self.is_part = request.headers.get("HX-Request") == "true"
        self.chosen = _known(self.query.pop("lang", None))
        accept = request.headers.get("Accept-Language", "")
        fallback = site.settings.workspace.interface
        language = self.chosen or _known(request.cookies.get("lang")) or preferred(accept, fallback)
        self.speech = Speech(language, site.zone)
        theme = request.cookies.get("theme")
        self.theme = theme if theme in {"light", "dark"} else None
        self.done = done_of(request.cookies.get(DONE_COOKIE))
        self.now = site.clock.now()
        user = request.scope.get("user")
        self.member = user if isinstance(user, Member) else NOBODY
        self.is_open = self.member is YOU  # nobody had to log in

    def may(self, right: Right, of: Belonging | None = None) -> bool:
        """Tell whether who is looking may do something: what they may not is not offered."""
        return may(self.member, right, of)

    def can_open(self, path: str) -> bool:
        """Tell whether who is looking may open a room."""
        return opens_for(door_of("GET", path), self.member)

    def here(self, **changes: str | None) -> str:
        """Return this address with some of its query changed; None takes one away."""
        query = {name: value for name, value in {**self.query, **changes}.items() if value}
        return f"{self.path}?{urlencode(query)}" if query else self.path

    def page(self, template: str, room: Room | None = None, status: int = 200, **context: object) -> Response[str]:
        """Render a template as the answer; remembers the language when it was just chosen."""
        known = {
            "frame": self, "site": self.site, "room": room, "t": self.speech.say, "speech": self.speech,
            "now": self.now, "done": self.done, "tongues": self.tongues, "n_open": self._n_open() if room else 0,
        }  # fmt: skip
        html = _environment().get_template(template).render({**known, **context})
        cookies = (
            [Cookie(key="lang", value=self.chosen, max_age=_YEAR_S, samesite="lax", httponly=True)]
            if self.chosen
            else []
        )
        headers = {"Vary": "Cookie, Accept-Language, HX-Request", "Cache-Control": "no-store"}
        return Response(html, media_type=MediaType.HTML, status_code=status, headers=headers, cookies=cookies)

    def called(self, said_by: str) -> str:
        """Return the name of who decided something, where they are or were in the team."""
        found = self.site.team.member(said_by)
        return found.name if found else said_by

    def tongues(self, other: str | None) -> list[str]:
        """The languages that a post here may be in."""
        return list(dict.fromkeys([*self.site.settings.workspace.languages, *([other] if other else ()), "und"]))

    def _n_open(self) -> int:
        """How many alerts go on."""
        return len(open_alerts(self.site.reader.alerts(since=OPEN_ONLY), self.now))


def frame_of(request: Ask) -> Frame:
    """Return the frame of a request."""
    return Frame(cast(Site, request.app.state.site), request)


def _known(language: str | None) -> Language | None:
    return next((known for known in LANGUAGES if known == language), None)
