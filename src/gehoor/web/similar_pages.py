"""*Similar*: the posts of the last week that say something like one of them, in the same words or in others."""

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.reader import PostFilter
from gehoor.understand.similar import similar_posts
from gehoor.web.cards import cards_of
from gehoor.web.frame import Ask, frame_of
from gehoor.web.posts import SIGNS

__all__ = ["SIMILAR_PAGES"]

_DAYS = 7
_LOOKED_AT = 5_000  # 0.3 s
_MOST = 20
_AHEAD = 300 * SECOND_US  # what counts at a moment may do so minutes before it comes


@get("/posts/{seq:int}/similar", sync_to_thread=True)
def similar_page(request: Ask, seq: FromPath[int]) -> Response[str]:
    """Show a post, and below it those that are like it, the most similar first."""
    frame = frame_of(request)
    reader = frame.site.reader
    found = reader.posts(PostFilter(seq=seq), 1)
    if not found or not found[0].text:
        raise NotFoundException(f"There is no post {seq} with words.")
    until = max(frame.now, found[0].event_at) + _AHEAD
    batches = reader.texts(until - _DAYS * DAY_US, until, _LOOKED_AT)
    likeness = dict(similar_posts(found[0].text, batches, _MOST + 1))
    others = [post for other in likeness if other != seq for post in reader.posts(PostFilter(seq=other), 1)]
    cards = cards_of(frame.site, [found[0], *others[:_MOST]])
    return frame.page(
        "similar.html", "posts",
        first=cards[0], cards=cards[1:], likeness=likeness, n=_LOOKED_AT, days=_DAYS, signs=SIGNS,
    )  # fmt: skip


SIMILAR_PAGES = [similar_page]
