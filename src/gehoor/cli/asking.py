"""Look: posts, sources and rejects of a workspace, whether or not it runs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer

from gehoor.cli.terminal import AsJson, Column, Place, moment, print_json, print_table, reading, say, workspace_of
from gehoor.core.broken import ASIDE, ill_parts
from gehoor.core.clock import SECOND_US
from gehoor.core.errors import RejectedRecord, SettingError
from gehoor.core.post import Post, PostFilter
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings, load
from gehoor.core.settings_text import nearest
from gehoor.listen.times import parse_time
from gehoor.run.lock import is_owned
from gehoor.run.offline import ask

__all__ = ["posts", "rejects", "sources"]

_AT_ONCE = 1_000
_TIMES = ("published", "received", "event_at", "last_heard_at")


def _iso(row: msgspec.Struct) -> dict[str, Any]:
    """Return a row for scripts: moments as ISO 8601."""
    plain: dict[str, Any] = msgspec.to_builtins(row, builtin_types=(bytes,))
    for name in _TIMES:
        if plain.get(name) is not None:
            plain[name] = datetime.fromtimestamp(plain[name] / SECOND_US, UTC).isoformat().replace("+00:00", "Z")
    return plain


def _moment(text: str | None, option: str, settings: Settings) -> int | None:
    """Return the moment that is meant; without a zone that of the workspace."""
    if text is None:
        return None
    try:
        local = datetime.fromisoformat(text)
        zone = ZoneInfo(settings.workspace.timezone)
        return parse_time((local if local.tzinfo else local.replace(tzinfo=zone)).isoformat())
    except (ValueError, RejectedRecord):
        raise SettingError(f"{option} {text!r} is no moment: write 2026-11-22 or 2026-11-22T10:00.") from None


def posts(
    words: Annotated[str | None, typer.Argument(help='Words that must all occur; "in quotes" as a phrase.')] = None,
    *,
    workspace: Place = None,
    brand: Annotated[str | None, typer.Option(help="About this brand.")] = None,
    channel: Annotated[str | None, typer.Option(help="On this channel.")] = None,
    sentiment: Annotated[str | None, typer.Option(help="negative, neutral or positive.")] = None,
    intent: Annotated[
        str | None, typer.Option(help="help, complaint, question, praise, improvement, leaving, other.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="nl, en ..., or und.")] = None,
    source: Annotated[str | None, typer.Option(help="Heard by this source.")] = None,
    actor: Annotated[str | None, typer.Option(help="By this actor: the channel's stable id.")] = None,
    kind: Annotated[str | None, typer.Option(help="say, answer, share, react, do, undo or spam.")] = None,
    since: Annotated[str | None, typer.Option(help="From this moment on: 2026-11-22 or 2026-11-22T10:00.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this moment.")] = None,
    copies: Annotated[
        bool | None, typer.Option("--copies/--originals", help="Only near duplicates, or none of them.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many, newest first; 0: all.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Find posts, newest first."""
    settings = load(workspace_of(workspace))
    wanted = PostFilter(
        words=words, brand=brand, channel=channel, sentiment=sentiment, intent=intent, language=language, source=source,
        actor=actor, kind=kind, is_copy=copies,
        since=_moment(since, "--since", settings), until=_moment(until, "--until", settings),
    )  # fmt: skip
    with reading():
        found = _posts(settings.root, wanted, limit)
        if as_json:
            for post in found:
                print_json(_iso(post))
            return
        shown = list(found)
    if not shown:
        say("No post is like that." + _unknown(settings, brand, source))
        return
    zone = settings.workspace.timezone
    columns: dict[str, Column] = {
        "post": "narrow",
        "when": "narrow",
        "channel": "narrow",
        "who": "short",
        "judged": "narrow",
        "text": "wide",
    }
    print_table(columns, (_row(post, zone) for post in shown))


def _row(post: Post, zone: str) -> tuple[object, ...]:
    judged = " ".join(filter(None, (post.language, post.sentiment, post.intent)))
    who = post.actor_name or post.actor or "-"
    return post.seq, moment(post.event_at, zone), post.channel, who, judged, post.text or post.event or post.type


def _unknown(settings: Settings, brand: str | None, source: str | None) -> str:
    """Return what may have been meant by a brand or source that there is none of; nothing when all are known."""
    asked = (("brand", brand, settings.brands), ("source", source, {**settings.sources, **settings.receivers}))
    return "".join(
        f" There is no {what} {name!r}.{nearest(name, known)}"
        for what, name, known in asked
        if name is not None and name not in known
    )


def _posts(root: Path, wanted: PostFilter, limit: int) -> Iterator[Post]:
    """Yield posts piece by piece: all of a ledger never stands in memory."""
    reader, before, n = Reader(root), None, 0
    try:
        while not limit or n < limit:
            part = reader.posts(wanted, min(_AT_ONCE, limit - n) if limit else _AT_ONCE, before)
            if not part:
                return
            yield from part
            before, n = part[-1].seq, n + len(part)
    finally:
        reader.close()


def sources(*, workspace: Place = None, as_json: AsJson = False) -> None:
    """Say how each source and receiver is doing."""
    settings = load(workspace_of(workspace))
    with reading():
        reader = Reader(settings.root)
        states, ill = reader.sources(), ill_parts(reader)
        reader.close()
    for part in ill:
        say(f"{part.name} broke ({part.why})." + (f" Mend it: gehoor rebuild {part.name}" * (part.kind == ASIDE)))
    if not is_owned(settings.root):
        say("gehoor is not running here; this is how it stood.")
    if as_json:
        for state in states:
            print_json(_iso(state))
        return
    names: dict[str, Column] = dict.fromkeys(
        ("source", "type", "status", "last heard", "stored", "seen", "rejected", "dropped", "a minute"), "narrow"
    )
    zone = settings.workspace.timezone
    rows = (
        (
            state.name, state.type, state.status, moment(state.last_heard_at, zone), state.n_stored, state.n_seen,
            state.n_rejected, state.n_dropped, f"{state.per_minute:.0f}", state.message or "",
        )
        for state in states
    )  # fmt: skip
    print_table(names | {"message": "wide"}, rows)


def rejects(
    *,
    workspace: Place = None,
    source: Annotated[str | None, typer.Option(help="Of this source only.")] = None,
    replay: Annotated[bool, typer.Option("--replay", help="Try them again, after a mend.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what could not be taken in, with the reason; or try it again."""
    settings = load(workspace_of(workspace))
    if replay:
        counts = ask(settings.root, "replay_rejects", source=source)
        say(f"{counts['taken_in']} taken in, {counts['kept']} still cannot be read.")
        if as_json:
            print_json(counts)
        return
    with reading():
        reader = Reader(settings.root)
        rows = reader.rejects(limit, source)
        reader.close()
    if as_json:
        for row in rows:
            print_json(_iso(row) | {"raw": row.raw.decode("utf-8", "replace")})
        return
    if not rows:
        say("Nothing was kept aside.")
        return
    shown = ((row.source, row.position, row.stage, row.reason, row.raw[:80].decode("utf-8", "replace")) for row in rows)
    columns: dict[str, Column] = {
        "source": "narrow",
        "position": "narrow",
        "stage": "narrow",
        "reason": "wide",
        "item": "short",
    }
    print_table(columns, shown)
