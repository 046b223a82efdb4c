"""A case as the inbox, the story and its own page show it: who waits, in which languages, how many have an answer."""

from collections import Counter
from collections.abc import Collection, Mapping

import msgspec
from markupsafe import Markup

from gehoor.core.case import Case as Found
from gehoor.core.case import CaseReader
from gehoor.core.desk import InboxRow
from gehoor.core.desk_reader import DeskReader
from gehoor.core.post import Post, PostFilter
from gehoor.core.rights import Belonging
from gehoor.core.topic import Topic
from gehoor.run.desk_case import words_to
from gehoor.web.alerts import name_of
from gehoor.web.desk_of import desk_of
from gehoor.web.frame import Frame
from gehoor.web.safe import shorten, tongue

__all__ = ["Case", "Folded", "Preview", "Tongue", "case_of", "case_of_topics", "cases_of", "theirs_of"]

_FOLDING = ("is:open ", "is:open assignee:")
_PREVIEWS, _SHOWN = 3, 20
_QUOTE = 240


class Folded(msgspec.Struct, frozen=True):
    """A case as one line: where it is, what it is about, how many people."""

    id: int
    href: str
    name: str
    language: str | None
    n: int


class Tongue(msgspec.Struct, frozen=True):
    """A language that occurs, how many people speak it, and what is written in it until now."""

    code: str
    name: Markup
    language: str | None
    n: int
    text: str


class Preview(msgspec.Struct, frozen=True):
    """What one person would read."""

    name: str
    language: str | None
    text: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case on its page.

    Attributes
    ----------
    n_sent, n_written : int
        How many answers arrived, of all that were written; those in doubt or failed are `n_wrong`.
    n_new : int
        Who wrote after the first answer to this case.
    left_out : list
        Conversations that the last answer did not go to: address and reason.
    """

    id: int
    name: str
    language: str | None
    href: str
    story_href: str
    list_href: str
    since: str
    telling: Post | None
    quote: str
    tongues: list[Tongue]
    n: int
    n_open: int
    n_sent: int
    n_written: int
    n_asked: int
    n_wrong: int
    n_new: int
    is_paused: bool
    is_under_way: bool
    can_approve: bool
    as_of: str
    rows: list[tuple[str, str]]
    left_out: list[tuple[str, Markup]]
    previews: list[Preview]


def cases_of(frame: Frame, desk: DeskReader, view: str) -> list[Folded]:
    """Return the cases that a view folds, largest first; a search and what is not open fold nothing."""
    if not view.startswith(_FOLDING):
        return []
    return [_folded(topic, n) for topic, n in CaseReader(frame.site.reader, desk).cases_in(view, frame.member)]


def case_of_topics(frame: Frame, topics: Collection[int]) -> Folded | None:
    """Return the largest case among some topics; None where nobody may answer, or fewer than five wait."""
    if not frame.may("desk.answer"):
        return None
    found = cases_of(frame, desk_of(frame), "is:open ")
    return next((one for one in found if one.id in topics), None)


def theirs_of(frame: Frame, found: Found) -> list[int]:
    """Return the conversations of a case that this member may answer."""
    return [row.id for row in found.rows if frame.may("desk.answer", Belonging(team=row.team, assignee=row.assignee))]


def case_of(frame: Frame, number: int, texts: Mapping[str, str]) -> Case | None:
    """Return a case as its page shows it, with what is written in it until now; None where there is none."""
    found = CaseReader(frame.site.reader, desk_of(frame)).case(number, frame.member)
    if found is None:
        return None
    speech, topic, replies = frame.speech, found.topic, found.replies
    posts = frame.site.reader.posts(PostFilter(seq=topic.telling), 1) if topic.telling is not None else []
    first = min((row.first_in_at for row in found.rows), default=topic.began_at)
    nobody = str(speech.say("inbox.nobody"))
    return Case(
        id=topic.id, name=topic.name, language=tongue(topic.language), href=f"/inbox/case/{topic.id}",
        story_href=f"/stories/{name_of(f'topic/{topic.id}')}", list_href=f"/inbox?q=case%3A{topic.id}+is%3Aopen",
        since=speech.moment(first, frame.now), telling=posts[0] if posts else None,
        quote=shorten(posts[0].text, _QUOTE) if posts else "", tongues=_tongues(frame, found.rows, texts),
        n=len(found.rows), n_open=found.n_open, n_sent=replies["sent"], n_written=found.n_written,
        n_asked=replies["asked"], n_wrong=replies["unknown"] + replies["failed"],
        n_new=len(found.rows) if found.n_written else 0, is_paused=found.is_paused,
        is_under_way=replies["queued"] > 0,
        can_approve=replies["asked"] > 0 and frame.may("desk.approve") and found.asked_by != frame.member.id,
        as_of=found.as_of, rows=[(f"/inbox/{row.id}", row.name or nobody) for row in found.rows[:_SHOWN]],
        left_out=[(f"/inbox/{one.conversation}", speech.say(f"case.left.{one.why}")) for one in found.left_out],
        previews=_previews(found.rows, texts, frame.member.name),
    )  # fmt: skip


def _folded(topic: Topic, n: int) -> Folded:
    return Folded(topic.id, f"/inbox/case/{topic.id}", topic.name, tongue(topic.language), n)


def _tongues(frame: Frame, rows: list[InboxRow], texts: Mapping[str, str]) -> list[Tongue]:
    """Return the languages that occur, of most people first."""
    counted = Counter(row.language or "und" for row in rows)
    return [
        Tongue(code, frame.speech.word("story.language", code), tongue(code), n, texts.get(code, ""))
        for code, n in counted.most_common()
    ]


def _previews(rows: list[InboxRow], texts: Mapping[str, str], agent: str) -> list[Preview]:
    """Return what three people would read, of each language one before a second."""
    seen = Counter[str]()
    ranked: list[tuple[int, InboxRow]] = []
    for row in rows:
        if texts.get(row.language or "und", "").strip():
            ranked.append((seen[row.language or "und"], row))
            seen[row.language or "und"] += 1
    chosen = [row for _, row in sorted(ranked, key=lambda pair: pair[0])[:_PREVIEWS]]
    return [
        Preview(row.name or "", tongue(row.language), words_to(texts[row.language or "und"], row.name, agent))
        for row in chosen
    ]
