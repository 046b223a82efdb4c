"""*Quality*: how often the heads are right here, what would help, which versions there are; and the way back."""

from litestar import Response, get, post
from litestar.response import Redirect

from gehoor.core.examples import Examples
from gehoor.core.judgement import JUDGEMENTS
from gehoor.core.promoted import versions_of
from gehoor.web.again import again_of
from gehoor.web.decisions import ask_owner, form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, frame_of
from gehoor.web.labelling_pages import MEASURED
from gehoor.web.quality import ENOUGH, doubts_of, figures_of, heads_of, said_of, version_of

__all__ = ["QUALITY"]

_NEWEST = 5_000
_FEW = 5


@get("/quality", sync_to_thread=True)
def quality_page(request: Ask) -> Response[str]:
    """Show how good the heads are here."""
    frame = frame_of(request)
    examples = Examples(frame.site.reader)
    said = said_of(frame.site)
    heads = heads_of(said)
    asked = frame.query.get("task", "")
    task = asked if asked in JUDGEMENTS else heads[0].task if heads else "sentiment"
    root = frame.site.root
    return frame.page(
        "quality.html", "quality",
        heads=heads, task=task, figures=figures_of(said.get(task, []), task),
        doubts=doubts_of(examples.judged(_NEWEST)),
        n_random=examples.n_posts(origin="random"), measured=MEASURED, enough=ENOUGH,
        few=_FEW, refits=examples.refits(limit=40), current=version_of(frame.site, task),
        versions=[0, *versions_of(root, task)], newest=_NEWEST, again=again_of(frame.site),
    )  # fmt: skip


@post("/quality/refit", status_code=303)
async def refit(request: Ask) -> Redirect:
    """Have every head fitted anew, now rather than tonight."""
    frame = frame_of(request)
    done = await ask_owner(frame, Done(what="refitting"), "refit")
    return redirect("/quality#versions", done)


@post("/quality/version", status_code=303)
async def version(request: Ask) -> Redirect:
    """Let another version of a head judge from now on."""
    frame, form = frame_of(request), await form_of(request)
    task, wanted = form.get("task", ""), form.get("version", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 9 else -1
    done = Done(what="rolled_back", name=task, value=wanted)
    done = await ask_owner(frame, done, "roll_back", task=task, version=number)
    place = f"/quality?task={task}" if task in JUDGEMENTS else "/quality"
    return redirect(f"{place}#versions", done)


QUALITY = [quality_page, refit, version]
