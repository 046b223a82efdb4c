"""*Loyalty*: who is how loyal, who moves where and why, and what size alone explains."""

from litestar import Response, get, post
from litestar.response import Redirect

from gehoor.core.loyalty import market_of
from gehoor.web.decisions import ask_owner, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, frame_of
from gehoor.web.loyalty import Loyal, said_of

__all__ = ["LOYALTY_PAGES"]


@get("/loyalty", sync_to_thread=True)
def loyalty_page(request: Ask) -> Response[str]:
    """Show what orders tell of loyalty, and what people say."""
    frame = frame_of(request)
    has_profiles = frame.site.settings.know.profiles
    market = market_of(frame.site.reader) if has_profiles else None
    return frame.page(
        "loyalty.html", "people", loyal=Loyal(market, frame.speech) if market else None, has_profiles=has_profiles,
        said=said_of(frame.site, frame.now),
    )  # fmt: skip


@post("/loyalty/count", status_code=303)
async def count_now(request: Ask) -> Redirect:
    """Have it counted anew."""
    return redirect("/loyalty", await ask_owner(frame_of(request), Done(what="counted"), "loyalty"))


LOYALTY_PAGES = [loyalty_page, count_now]
