"""Where somebody says whether they were helped: one question, on a page of ours that needs no script and no account.

A link is opened by scanners of mail too, so opening it says nothing: what was clicked stands chosen, and is noted once
they press the button.
"""

import asyncio
import re

import sqlalchemy as sa
from litestar import Response, get, post
from litestar.params import FromPath

from gehoor.core.errors import TransientError
from gehoor.core.tables.desk import desk_survey
from gehoor.run.desk_survey import KEPT_US, SCORES, digest_of
from gehoor.web.decisions import form_of
from gehoor.web.frame import Ask, Frame, frame_of

__all__ = ["SURVEY_PAGES"]

_TOKEN = re.compile(r"[\w-]{20,40}")
_LONGEST = 1_000


@get("/s/{token:str}")
async def survey_page(request: Ask, token: FromPath[str]) -> Response[str]:
    """Ask the question; nothing is noted."""
    frame = frame_of(request)
    found = await asyncio.to_thread(_find, frame, token)
    clicked = frame.query.get("score", "")
    score = int(clicked) if clicked in set("12345") else found.score if found is not None else None
    words = (found.words or "") if found is not None else ""
    return _page(frame, 200 if found is not None else 404, "ask" if found is not None else "gone", score, words)


@post("/s/{token:str}", status_code=200)
async def survey(request: Ask, token: FromPath[str]) -> Response[str]:
    """Note what they say."""
    frame, form = frame_of(request), await form_of(request)
    score, words = form.get("score", ""), form.get("words", "").strip()[:_LONGEST]
    if await asyncio.to_thread(_find, frame, token) is None:
        return _page(frame, 404, "gone")
    if score not in set("12345"):
        return _page(frame, 400, "ask", None, words, "survey.choose")
    try:
        known = await frame.site.owner.call("survey", token=token, score=int(score), words=words)
    except TransientError:
        return _page(frame, 503, "ask", int(score), words, "survey.away")
    return _page(frame, 200 if known else 404, "thanks" if known else "gone")


SURVEY_PAGES = [survey_page, survey]


def _find(frame: Frame, token: str) -> sa.Row[tuple[int, str]] | None:
    if not _TOKEN.fullmatch(token):
        return None
    table = desk_survey
    mine = sa.and_(table.c.token == digest_of(token), table.c.asked_at > frame.now - KEPT_US)
    return next(iter(frame.site.reader.stored(sa.select(table.c.score, table.c.words).where(mine))), None)


def _page(frame: Frame, status: int, place: str, score: int | None = None, *more: str) -> Response[str]:
    """Return the page; `more` is what they wrote, and which sentence says what is missing."""
    words, wrong = (*more, "", "")[:2]
    return frame.page("survey.html", status=status, place=place, score=score, words=words, wrong=wrong, scores=SCORES)
