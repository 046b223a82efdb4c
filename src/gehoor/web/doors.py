"""Which right each address asks: the whole list, read by the one guard in front of them (`web.who`).

An address that is not here opens for nobody. Receivers' doors are their own: they check who sends (`web.receive`).
"""

from typing import Literal

from gehoor.core.member import NOBODY, Member
from gehoor.core.rights import Right, may

__all__ = ["DOORS", "Door", "door_of", "opens_for"]

Door = Right | Literal["anyone", "member"]
"""`anyone`: also who did not log in. `member`: everybody of the team, of their own things; no program."""

DOORS: dict[str, Door] = {
    # before somebody is in
    "GET /static/{file_path}": "anyone",
    "HEAD /static/{file_path}": "anyone",
    "GET /login": "anyone",
    "POST /login": "anyone",
    "POST /login/code": "anyone",
    "GET /join/{token}": "anyone",
    "POST /join/{token}": "anyone",
    "GET /s/{token}": "anyone",
    "POST /s/{token}": "anyone",
    "GET /duty/{token}": "anyone",
    # one's own account
    "POST /logout": "member",
    "GET /me": "member",
    "POST /me/password": "member",
    "POST /me/totp": "member",
    "POST /me/totp/on": "member",
    "POST /me/totp/off": "member",
    "POST /me/tokens": "member",
    "POST /me/tokens/drop": "member",
    "POST /welcome/later": "member",
    # the team
    "GET /team": "team.manage",
    "POST /team": "team.manage",
    "GET /team/{member}": "team.manage",
    "POST /team/{member}": "team.manage",
    "POST /team/{member}/reset": "team.manage",
    "GET /audit": "audit.see",
    # what is heard
    "GET /": "see.posts",
    "GET /live": "see.posts",
    "GET /needs": "see.posts",
    "GET /posts": "see.posts",
    "GET /posts/new": "see.posts",
    "GET /posts/{seq}/similar": "see.posts",
    "GET /posts/dropped": "see.posts",
    "POST /posts/dropped/keep": "correct",
    "POST /posts/dropped/again": "sources.change",
    "POST /posts/{seq}/correct": "correct",
    "GET /stories": "see.posts",
    "GET /stories/{name}": "see.posts",
    "POST /stories/{name}/verdict": "stories.decide",
    "POST /stories/{name}/claim": "stories.decide",
    "GET /alerts": "see.posts",
    "GET /alerts/count": "see.posts",
    "GET /alerts/{name}": "see.posts",
    "POST /alerts/{name}/seen": "alerts.decide",
    "POST /alerts/{name}/snooze": "alerts.decide",
    "POST /alerts/{name}/role": "alerts.decide",
    "POST /alerts/{name}/verdict": "alerts.decide",
    "POST /alerts/{name}/send": "alerts.decide",
    "POST /alerts/missed": "alerts.decide",
    "POST /alerts/measure": "alerts.decide",
    # who waits for an answer; whose team a conversation is of is looked at with each
    "GET /inbox": "desk.see",
    "GET /inbox/{conversation}": "desk.see",
    "GET /inbox/fresh": "desk.see",
    "GET /inbox/rows": "desk.see",
    "GET /inbox/{conversation}/thread": "desk.see",
    "GET /inbox/{conversation}/person": "desk.see",
    "GET /inbox/{conversation}/who": "desk.see",
    "POST /inbox/{conversation}/here": "desk.see",
    "POST /inbox/{conversation}/length": "desk.see",
    "POST /inbox/{conversation}/take": "desk.answer",
    "POST /inbox/{conversation}/assign": "desk.answer",
    "POST /inbox/{conversation}/status": "desk.answer",
    "POST /inbox/{conversation}/merge": "desk.answer",
    "POST /inbox/{conversation}/split": "desk.answer",
    "POST /inbox/{conversation}/reply": "desk.answer",
    "POST /inbox/{conversation}/take_back": "desk.answer",
    "POST /inbox/{conversation}/settle": "desk.answer",
    "GET /inbox/{conversation}/drafts": "desk.answer",
    "POST /inbox/{conversation}/drafts": "desk.answer",
    "POST /inbox/{conversation}/approve": "desk.approve",
    "POST /inbox/{conversation}/decline": "desk.approve",
    "POST /inbox/{conversation}/label": "desk.note",
    "POST /inbox/{conversation}/priority": "desk.note",
    "POST /inbox/{conversation}/need": "desk.note",
    "POST /inbox/{conversation}/talk": "desk.note",
    "POST /inbox/{conversation}/note": "desk.note",
    "POST /inbox/bulk": "desk.answer",
    "POST /inbox/views": "desk.note",
    "GET /roster": "desk.see",
    "GET /roster/{shift}": "roster.change",
    "POST /roster/{shift}": "roster.change",
    "POST /roster/undo": "roster.change",
    "GET /snippets": "desk.settings",
    "POST /snippets": "desk.settings",
    "GET /inbox/case/{case}": "desk.see",
    "POST /inbox/case/{case}/answer": "desk.answer",
    "POST /inbox/case/{case}/pace": "desk.answer",
    "POST /inbox/case/{case}/approve": "desk.approve",
    # people
    "GET /people": "see.people",
    "POST /people/count": "segments.change",
    "GET /people/proposed": "people.decide",
    "GET /people/{name}": "see.person",
    "GET /people/{name}/rights": "see.person",
    "POST /people/{name}/apart": "people.decide",
    "POST /people/{name}/same": "people.decide",
    "POST /people/{name}/not": "people.decide",
    "POST /people/{name}/later": "people.decide",
    "POST /people/{name}/object": "people.decide",
    "POST /people/{name}/forget": "people.forget",
    "POST /people/{name}/export": "people.export",
    "GET /segments": "see.people",
    "POST /segments/keep": "segments.change",
    "POST /segments/drop": "segments.change",
    "POST /segments/export": "people.export",
    "GET /loyalty": "see.people",
    "POST /loyalty/count": "segments.change",
    "GET /mirror": "mirror.see",
    "GET /mirror/closer": "mirror.see",
    "GET /metrics": "mirror.see",
    "POST /mirror/make": "mirror.see",
    "POST /mirror/advice/{advice}": "mirror.see",
    "POST /mirror/moments": "mirror.see",
    "POST /mirror/moments/drop": "mirror.see",
    "POST /mirror/moments/file": "mirror.see",
    "GET /mirror/paper": "mirror.see",
    "GET /mirror/paper.css": "mirror.see",
    "GET /mirror/paper.pdf": "mirror.see",
    "POST /mirror/send": "mirror.see",
    "POST /mirror/renewals": "mirror.see",
    "POST /mirror/renewals/drop": "mirror.see",
    "GET /desk/report": "report.see",
    "POST /desk/export": "people.export",
    # programs; whose team a conversation is of is looked at with each, and what an act asks beyond this
    "GET /api/v1/openapi.json": "anyone",
    "GET /api/v1/conversations": "desk.see",
    "GET /api/v1/conversations/{conversation}": "desk.see",
    "GET /api/v1/conversations/{conversation}/messages": "desk.see",
    "GET /api/v1/conversations/{conversation}/notes": "desk.see",
    "GET /api/v1/conversations/{conversation}/replies": "desk.see",
    "POST /api/v1/conversations/{conversation}/acts": "desk.note",
    "POST /api/v1/conversations/{conversation}/notes": "desk.note",
    "POST /api/v1/conversations/{conversation}/replies": "desk.answer",
    "GET /api/v1/snippets": "desk.see",
    "POST /api/v1/snippets": "desk.settings",
    "GET /api/v1/posts": "see.posts",
    "GET /api/v1/needs": "see.posts",
    "GET /api/v1/needs/channels": "see.posts",
    "GET /api/v1/alerts": "see.posts",
    "GET /api/v1/stories": "see.posts",
    "GET /api/v1/people": "see.people",
    "GET /api/v1/people/{name}": "see.person",
    "GET /api/v1/mirror": "mirror.see",
    "GET /api/v1/mirror/closer": "mirror.see",
    "GET /api/v1/figures": "report.see",
    "GET /api/v1/satisfaction": "report.see",
    # how well it works
    "GET /quality": "see.quality",
    "GET /quality/label": "correct",
    "POST /quality/said": "correct",
    "POST /quality/refit": "models.change",
    "POST /quality/version": "models.change",
    # what is listened to
    "GET /sources": "see.sources",
    "POST /sources/{name}/again": "sources.change",
    "POST /sources/{name}/restart": "sources.change",
    "GET /settings": "see.settings",
    "POST /settings/{table}": "settings.change",
    "POST /settings/look": "settings.change",
    "POST /settings/undo": "settings.change",
    "POST /settings/test/{name}": "settings.change",
    "GET /settings/{group}/new": "settings.change",
    "POST /settings/{group}/new": "settings.change",
    "GET /settings/{group}/{name}": "settings.change",
    "POST /settings/{group}/{name}": "settings.change",
    "GET /welcome": "settings.change",
    "POST /welcome": "settings.change",
    "GET /welcome/brand": "settings.change",
    "POST /welcome/brand": "settings.change",
    "GET /welcome/sources": "settings.change",
    "POST /welcome/sources": "settings.change",
}


def door_of(method: str, template: str) -> Door | None:
    """Return what an address asks of who opens it; None where nothing was said: then nobody does.

    Examples
    --------
    >>> door_of("GET", "/people/{name}"), door_of("GET", "/people/{name}/"), door_of("GET", "/nowhere")
    ('see.person', 'see.person', None)
    """
    return DOORS.get(f"{method} {template.rstrip('/') or '/'}")


def opens_for(door: Door | None, member: Member) -> bool:
    """Tell whether a door opens for somebody."""
    match door:
        case None:
            return False
        case "anyone":
            return True
        case "member":
            return member is not NOBODY and member.only is None
        case _:
            return may(member, door)
