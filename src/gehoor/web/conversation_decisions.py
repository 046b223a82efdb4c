"""What somebody decides of a conversation on its page: whose it is, until when, what it is about; each undone."""

from collections.abc import Mapping
from typing import Any

from litestar import post
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.desk import STATUSES, Conversation, InboxRow
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.judgement import JUDGEMENTS
from gehoor.core.rights import Belonging, Right
from gehoor.web.decisions import form_of, redirect
from gehoor.web.desk_words import until
from gehoor.web.done import Done, What
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.inbox import called
from gehoor.web.inbox_pages import found_of

__all__ = ["CONVERSATION_DECISIONS", "ask_desk", "path_of", "theirs"]

_LABEL = 40
_WORDS = 2_000
_BACK = ("view", "q")


@post("/inbox/{conversation:int}/take", status_code=303)
async def take(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Take a conversation."""
    acting = await _Acting.of(request, conversation, "desk.answer")
    before = acting.row.assignee or ""
    return await acting.do("take", {}, acting.done("desk_taken", "assign", {"assignee": before}))


@post("/inbox/{conversation:int}/assign", status_code=303)
async def assign(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Give a conversation to somebody, to a team, or to nobody."""
    acting = await _Acting.of(request, conversation, "desk.answer")
    form, row, frame = acting.form, acting.row, acting.frame
    if "team" in form:
        acting.check("desk.assign")
        back = {"team": row.team or "", "assignee": row.assignee or ""}
        done = acting.done("desk_given", "assign", back, form["team"])
        asked = {"team": form["team"] or None, "assignee": form.get("assignee") or None}
        return await acting.do("team", asked, done)
    assignee = form.get("assignee", "")
    if assignee != frame.member.id and not (assignee == "" and row.assignee == frame.member.id):
        acting.check("desk.assign")
    name = called(assignee, frame.site.team.names(), frame.speech) if assignee else ""
    done = acting.done("desk_given" if assignee else "desk_freed", "assign", {"assignee": row.assignee or ""}, name)
    return await acting.do("assign", {"assignee": assignee or None}, done)


@post("/inbox/{conversation:int}/status", status_code=303)
async def status(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Resolve a conversation, open it again, let it wait for the customer, or put it off."""
    acting = await _Acting.of(request, conversation, "desk.answer")
    form, row, frame = acting.form, acting.row, acting.frame
    wanted, moment = form.get("status", ""), until(form.get("until", ""), frame.now, frame.speech)
    if form.get("micros", "").isdecimal():
        moment = int(form["micros"])
    if wanted == "snoozed" and moment is None:
        wanted = "open"
    if wanted not in STATUSES:
        raise SettingError(f"A conversation is {', '.join(STATUSES)}; not {wanted[:20]!r}.")
    before = row.status if row.status in STATUSES else "open"
    back = {"status": before, **({"micros": str(row.snoozed_until)} if row.snoozed_until else {})}
    told = frame.speech.moment(moment, frame.now) if wanted == "snoozed" and moment is not None else ""
    what: dict[str, What] = {"resolved": "desk_resolved", "snoozed": "desk_snoozed", "pending": "desk_pending"}
    done = acting.done(what.get(wanted, "desk_opened"), "status", back, told)
    asked = {"status": wanted, **({"until": moment} if wanted == "snoozed" else {})}
    return await acting.do("status", asked, done)


@post("/inbox/{conversation:int}/label", status_code=303)
async def label(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Put a label on a conversation, or take one off."""
    acting = await _Acting.of(request, conversation, "desk.note")
    add, remove = (acting.form.get(name, "").strip().replace("|", " ")[:_LABEL] for name in ("add", "remove"))
    if not add and not remove:
        return redirect(acting.path, Done(what="refused"))
    what: What = "desk_labelled" if add else "desk_unlabelled"
    done = acting.done(what, "label", {"remove": add} if add else {"add": remove}, add or remove)
    return await acting.do("label", {"add": [add] if add else [], "remove": [remove] if remove else []}, done)


@post("/inbox/{conversation:int}/priority", status_code=303)
async def priority(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Say that a conversation comes earlier or later than we thought."""
    acting = await _Acting.of(request, conversation, "desk.note")
    wanted = acting.form.get("value", "")
    if wanted not in ("-1", "0", "1"):
        raise SettingError("A conversation comes earlier (1), later (-1) or as we thought (0).")
    done = acting.done("desk_ranked", "priority", {"value": str(acting.row.said_priority)})
    return await acting.do("priority", {"priority": int(wanted)}, done)


@post("/inbox/{conversation:int}/need", status_code=303)
async def need(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Say what a conversation is about."""
    acting = await _Acting.of(request, conversation, "desk.note")
    wanted = acting.form.get("value", "")
    if wanted not in JUDGEMENTS["need"]:
        raise SettingError(f"There is no need called {wanted[:40]!r}.")
    told = str(acting.frame.speech.word("need", wanted))
    done = acting.done("desk_about", "need", {"value": acting.row.need or "none"}, told)
    return await acting.do("need", {"need": wanted}, done)


@post("/inbox/{conversation:int}/merge", status_code=303)
async def merge(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Put another conversation of the same person together with this one."""
    acting = await _Acting.of(request, conversation, "desk.answer")
    other = await found_of(acting.frame, _number(acting.form.get("other", "")))
    theirs(acting.frame, other, "desk.answer")
    done = acting.done("desk_merged", "split", {"other": str(other.id)})
    return await acting.do("merge", {"other": other.id}, done)


@post("/inbox/{conversation:int}/split", status_code=303)
async def split(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Take apart what was put together."""
    acting = await _Acting.of(request, conversation, "desk.answer")
    other = _number(acting.form.get("other", ""))
    done = acting.done("desk_split", "merge", {"other": str(other)})
    return await acting.do("split", {"other": other}, done)


@post("/inbox/{conversation:int}/talk", status_code=303)
async def talk(request: Ask, conversation: FromPath[int]) -> Redirect:
    """Note what was said on the phone or at the counter."""
    acting = await _Acting.of(request, conversation, "desk.note")
    channel, text = acting.form.get("channel", ""), acting.form.get("text", "").strip()[:_WORDS]
    if channel not in ("phone", "counter") or not text:
        return redirect(acting.path, Done(what="refused"))
    return await acting.do("talk", {"channel": channel, "text": text}, Done(what="desk_talked"))


CONVERSATION_DECISIONS = [take, assign, status, label, priority, need, merge, split, talk]


class _Acting:
    """One act on one conversation, of somebody who may."""

    def __init__(self, frame: Frame, form: Mapping[str, str], found: Conversation, row: InboxRow) -> None:
        self.frame, self.form, self.found, self.row = frame, form, found, row
        self.path = path_of(frame, form, found.id)

    @classmethod
    async def of(cls, request: Ask, conversation: int, right: Right) -> "_Acting":
        frame, form = frame_of(request), await form_of(request)
        found = await found_of(frame, conversation)
        return cls(frame, form, found, theirs(frame, found, right))

    def check(self, right: Right) -> None:
        theirs(self.frame, self.found, right)

    def done(self, what: What, undo: str, form: Mapping[str, str], name: str = "") -> Done:
        """Return what is told; what is undone is told as it stands, and cannot be undone in turn."""
        if self.form.get("undo"):
            return Done(what="put_back")
        back = {name: self.form[name] for name in _BACK if self.form.get(name)}
        path = f"/inbox/{self.found.id}/{undo}"
        return Done(what=what, name=name, undo_path=path, undo_form={**form, **back, "undo": "yes"})

    async def do(self, act: str, arguments: Mapping[str, Any], done: Done) -> Redirect:
        told, _ = await ask_desk(self.frame, act, {"conversation": self.found.id, **arguments}, done)
        return redirect(self.path, told)


def theirs(frame: Frame, found: Conversation, right: Right) -> InboxRow:
    """Return the line of a conversation with which this member may do something.

    Raises
    ------
    PermissionDeniedException
        It is another team's, or no work of theirs.
    """
    row = found.row
    if row is None or not frame.may(right, Belonging(team=row.team, assignee=row.assignee)):
        raise PermissionDeniedException(detail="This conversation is another team's.")
    return row


async def ask_desk(frame: Frame, act: str, arguments: Mapping[str, Any], done: Done) -> tuple[Done, Any]:
    """Ask the owner for an act of the desk; return what to tell, and what the owner said: None where it did not."""
    told = {**arguments, "said_by": frame.member.id}
    try:
        return done, await frame.site.owner.call("desk", act=act, arguments=told)
    except TransientError:
        return Done(what="away"), None
    except SettingError:
        return Done(what="refused"), None


def path_of(frame: Frame, form: Mapping[str, str], conversation: int) -> str:
    """Return the address of a conversation in the list from which it was opened."""
    view = form.get("view") or frame.query.get("view", "")
    return f"/inbox/{conversation}?view={view}" if view.isalnum() else f"/inbox/{conversation}"


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise SettingError("That names no conversation.")
    return int(text)
