"""*How the desk does*: the manager's page; and the conversations of a view as a file for a spreadsheet."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from litestar import Response, get, post
from litestar.enums import MediaType

from gehoor.core.clock import DAY_US
from gehoor.core.desk import InboxRow
from gehoor.run.desk_figures import DAYS, figures_of
from gehoor.run.on_duty import duty_of, has_roster
from gehoor.web.decisions import form_of
from gehoor.web.desk_of import desk_of
from gehoor.web.frame import Ask, frame_of
from gehoor.web.helped import helped_of
from gehoor.web.report import Report, found_at
from gehoor.web.segments import to_csv
from gehoor.web.story_seen import SeenStories

__all__ = ["REPORT_PAGES"]

_MOST = 10_000
_HEAD = (
    "conversation", "name", "channel", "brand", "language", "status", "assignee", "team", "labels", "need", "messages",
    "answers", "first", "waiting_since", "words",
)  # fmt: skip


@get("/desk/report", sync_to_thread=True)
def report_page(request: Ask) -> Response[str]:
    """Show how the desk stands, how soon people hear from us, what comes, who needs help, and who was helped."""
    frame = frame_of(request)
    site = frame.site
    members = site.team.members()
    roster = duty_of(site.settings, members, frame.now).roster if has_roster(site.settings) else None
    figures = figures_of(site.overdue, site.settings, members, frame.now, roster)
    names = {one.id: one.name for one in members}
    report = Report(figures, site.settings.desk, names, frame.speech)
    helped = helped_of(frame, frame.now - DAYS * DAY_US, cast(SeenStories, request.app.state.stories))
    return frame.page(
        "report.html", "inbox", report=report, figures=figures, days=DAYS, found_at=found_at, helped=helped
    )


@post("/desk/export", status_code=200)
async def export(request: Ask) -> Response[str]:
    """Give the conversations of a view as a file; the owner notes that somebody took it."""
    frame, form = frame_of(request), await form_of(request)
    desk, view, after = desk_of(frame), form.get("q", "")[:200], None
    rows: list[InboxRow] = []
    while len(rows) < _MOST:
        page = desk.inbox(view, frame.member, 500, after)
        rows += page.rows
        after = page.after
        if after is None:
            break
    await frame.site.owner.call("desk", act="export", arguments={"said_by": frame.member.id, "id": len(rows)})
    headers = {"Content-Disposition": 'attachment; filename="conversations.csv"', "Cache-Control": "no-store"}
    # a spreadsheet takes UTF-8 for what it is when it begins with this mark
    text = "\ufeff" + to_csv([_HEAD, *(_cells(row, frame.speech.local) for row in rows)])
    return Response(text, media_type=MediaType.TEXT, headers={**headers, "Content-Type": "text/csv; charset=utf-8"})


def _cells(row: InboxRow, local: Callable[[int], datetime]) -> tuple[str, ...]:
    """Return the cells of a conversation; what names nobody stands as a number."""

    def at(moment: int | None) -> str:
        return "" if moment is None else local(moment).isoformat(timespec="minutes")

    return (
        str(row.id), row.name or "", row.channel, row.brand or "", row.language or "", row.status, row.assignee or "",
        row.team or "", ", ".join(row.labels), row.need or "", str(row.n_in), str(row.n_out), at(row.first_in_at),
        at(row.waiting_since), row.snippet,
    )  # fmt: skip


REPORT_PAGES = [report_page, export]
