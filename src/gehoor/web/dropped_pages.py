"""What was left out of the list: posts that concern no brand of ours, each with a way back."""

from collections.abc import Sequence

from litestar import Response, get, post
from litestar.response import Redirect

from gehoor.core.dropped import DroppedPost
from gehoor.core.errors import SettingError
from gehoor.sift.relevance import CONTEXT
from gehoor.web.about import Apart, Told
from gehoor.web.decisions import ask_owner, form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of

__all__ = ["DROPPED_PAGES"]

_PAGE = 50


@get("/posts/dropped", sync_to_thread=True)
def dropped_page(request: Ask) -> Response[str]:
    """Show what was dropped, newest first, and how much of it by source and reason."""
    frame = frame_of(request)
    source, before = frame.query.get("source") or None, frame.query.get("before") or None
    try:
        posts = frame.site.reader.dropped(source, _PAGE + 1, before)
    except ValueError as error:
        raise SettingError(f"{(before or '')[:60]!r} is no place in the list of what was dropped.") from error
    older = frame.here(before=posts[_PAGE - 1].handle) if len(posts) > _PAGE else None
    return frame.page(
        "_dropped.html" if frame.is_part else "dropped.html", "posts",
        posts=posts[:_PAGE], aparts=_aparts(frame, posts[:_PAGE]), older=older,
        counts=frame.site.reader.dropped_counts(), source=source,
    )  # fmt: skip


def _aparts(frame: Frame, posts: Sequence[DroppedPost]) -> dict[str, tuple[Apart, ...]]:
    """Return by handle the brands that a dropped post names, where that was not why it was dropped."""
    mine = [post for post in posts if post.reason == CONTEXT]
    told = [Told(post.text, post.language, post.channel) for post in mine]
    return dict(zip((post.handle for post in mine), frame.site.reasons.aparts.of(told), strict=True))


@post("/posts/dropped/keep", status_code=200)
async def keep(request: Ask) -> Response[str] | Redirect:
    """Bring one dropped post back; an open list puts the answer where it stood."""
    frame, form = frame_of(request), await form_of(request)
    done = await ask_owner(frame, Done(what="brought_back"), "bring_back", handles=[form.get("handle", "")])
    if frame.is_part and done.what == "brought_back":
        return frame.page("_kept.html", "posts", done=done, back="/posts/dropped")
    return redirect("/posts/dropped", done)


@post("/posts/dropped/again", status_code=303)
async def again(request: Ask) -> Redirect:
    """Offer everything that was dropped (of one source) once more: after a brand's words were changed."""
    frame, form = frame_of(request), await form_of(request)
    done = await ask_owner(frame, Done(what="offered"), "replay_dropped", source=form.get("source") or None)
    return redirect("/posts/dropped", done)


DROPPED_PAGES = [dropped_page, keep, again]
