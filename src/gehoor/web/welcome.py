"""Who is new here is shown the way first: a workspace without a brand, a source or a post."""

from litestar.response import Redirect

from gehoor.core.rights import may
from gehoor.web.frame import Ask, frame_of
from gehoor.web.site import Site

__all__ = ["LATER", "is_new", "welcome_instead"]

LATER = "later"
"""The cookie of somebody who wants to look around first."""


def is_new(site: Site) -> bool:
    """Tell whether nothing was set and nothing heard."""
    settings = site.settings
    if settings.brands or settings.sources or settings.receivers or site.trouble:
        return False
    return site.reader.head() == 0


def welcome_instead(site: Site, request: Ask) -> Redirect | None:
    """Return the way to the welcome where somebody opens *Today* for the first time."""
    if request.url.path != "/" or request.method != "GET" or request.cookies.get(LATER) or not is_new(site):
        return None
    return Redirect("/welcome", status_code=303) if may(frame_of(request).member, "settings.change") else None
