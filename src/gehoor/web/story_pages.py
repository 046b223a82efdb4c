"""*Stories*: what people talk about together, and all that is known of one; what people decide there."""

import asyncio
from collections.abc import Sequence
from typing import cast

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from gehoor.core.alert import Alert
from gehoor.core.story_claim import VERDICTS, claim_notes
from gehoor.run.stories import Story, in_which_story, parts_of, story_of
from gehoor.web.alerts import id_of, name_of, telling_of
from gehoor.web.case_shown import Folded, case_of_topics
from gehoor.web.decisions import ask_owner, form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.posts import SIGNS
from gehoor.web.stories import StoryTelling, headline_of, href_of
from gehoor.web.story_seen import SeenStories

__all__ = ["STORY_PAGES", "story_links"]

_MOST, _NAMED = 200, 5


@get("/stories", sync_to_thread=True)
def stories_page(request: Ask) -> Response[str]:
    """Show what lives now, what grows fastest first, and what is over."""
    frame = frame_of(request)
    listed = _seen(request).listed()
    living = [one for one in listed if not one.story.is_over and not one.story.is_false]
    return frame.page(
        "_stories.html" if frame.is_part else "stories.html", "stories",
        living=living, past=[one for one in listed if one not in living], signs=SIGNS, href_of=href_of,
        headline=lambda one: headline_of(frame.speech, frame.site, one.story, one.name),
    )  # fmt: skip


@get("/stories/{name:str}", sync_to_thread=True)
def story_page(request: Ask, name: FromPath[str]) -> Response[str]:
    """Show one story: how it began and spread, what is said, who carries it, what became of others like it."""
    frame, seen = frame_of(request), _seen(request)
    story = _story(frame, seen, name)
    if story is None:
        raise NotFoundException
    telling = StoryTelling(frame.site, seen.seen(story), frame.speech)
    return frame.page(
        "_story.html" if frame.is_part else "story.html", "stories",
        telling=telling, story=story, facts=telling.facts, signs=SIGNS, verdicts=VERDICTS[:3], href_of=href_of,
        alerts=telling_of(frame.site, frame.speech, frame.now, story.alerts), case=_case(frame, story),
        headline=lambda one: headline_of(frame.speech, frame.site, one.story, one.name),
    )  # fmt: skip


@post("/stories/{name:str}/verdict", status_code=303)
async def judge_story(request: Ask, name: FromPath[str]) -> Redirect:
    """Say that all alerts of a story were false, or that they were not; it is learnt."""
    frame, form = frame_of(request), await form_of(request)
    story = await asyncio.to_thread(_story, frame, _seen(request), name)
    if story is None or not story.alerts:
        return redirect("/stories", Done(what="refused"))
    value, path = form.get("value", ""), href_of(story)
    undo = {"value": story.alerts[0].verdict or ""}
    done = Done(what="judged", value=value, undo_path=f"{path}/verdict", undo_form=undo)
    for alert in story.alerts:
        done = await ask_owner(frame, done, "judge_alert", alert=alert.id, verdict=value)
    return redirect(path, done)


@post("/stories/{name:str}/claim", status_code=303)
async def say_claim(request: Ask, name: FromPath[str]) -> Redirect:
    """Say whether what is claimed is true, and what somebody should know; neither takes it back."""
    frame, form = frame_of(request), await form_of(request)
    path, number = f"/stories/{name_of(id_of(name))}", form.get("topic", "")
    if not number.isdecimal() or len(number) > 18:
        return redirect(path, Done(what="refused"))
    before = (await asyncio.to_thread(claim_notes, frame.site.reader, [int(number)])).get(int(number))
    verdict, note = form.get("value", before.verdict if before else ""), form.get("note", before.note if before else "")
    undo = {"topic": number, "value": before.verdict if before else "", "note": before.note if before else ""}
    done = Done(what="noted", undo_path=f"{path}/claim", undo_form=undo)
    done = await ask_owner(frame, done, "say_claim", topic=int(number), verdict=verdict, note=note)
    return redirect(f"{path}#claims", done)


STORY_PAGES = [stories_page, story_page, judge_story, say_claim]


def story_links(frame: Frame, request: Ask, alerts: Sequence[Alert]) -> dict[str, tuple[str, Markup]]:
    """Return for each alert its story: address and name; of at most five stories the name."""
    seen, found = _seen(request), dict[str, tuple[str, Markup]]()
    everything = in_which_story([one for one in frame.site.reader.alerts(limit=_MOST) if one.measure != "silence"])
    wanted = {alert.id for alert in alerts}
    mine = [(id_, group) for id_, group in everything.items() if any(one.id in wanted for one in group)]
    for number, (id_, group) in enumerate(sorted(mine, key=lambda pair: -pair[1][-1].began_at)):
        story = story_of(frame.site.reader, id_, seen.now()) if number < _NAMED else None
        name = headline_of(frame.speech, frame.site, story, seen.name(story)) if story else Markup("")
        found |= {one.id: (f"/stories/{name_of(id_)}", name) for one in group}
    return found


def _case(frame: Frame, story: Story) -> Folded | None:
    """Return the case that waits for an answer in a story; the largest where there are several."""
    return case_of_topics(frame, {part.topic.id for part in parts_of(frame.site.reader, story)})


def _seen(request: Ask) -> SeenStories:
    return cast(SeenStories, request.app.state.stories)


def _story(frame: Frame, seen: SeenStories, name: str) -> Story | None:
    return story_of(frame.site.reader, id_of(name), seen.now())
