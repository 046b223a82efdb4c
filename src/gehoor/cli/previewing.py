"""Look: what a query would have heard."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from gehoor.cli.terminal import AsJson, Column, Place, moment, print_json, print_table, reading, say, workspace_of
from gehoor.core.post import Post
from gehoor.core.reader import Reader
from gehoor.core.settings import load

if TYPE_CHECKING:
    from gehoor.run.preview import Preview

__all__ = ["query"]

_BAR = 40


def query(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The query; docs/query.md says how to write one.")],
    *,
    workspace: Place = None,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="How many days back.")] = 7,
    limit: Annotated[int, typer.Option(min=0, max=200, help="At most so many posts, from all over these days.")] = 12,
    as_json: AsJson = False,
) -> None:
    """Show what a query would have heard on the last days, before it is saved."""
    from gehoor.run.preview import preview

    settings = load(workspace_of(workspace))
    with reading():
        reader = Reader(settings.root)
        found = preview(reader, settings, text, days=days, limit=limit)
        reader.close()
    if as_json:
        print_json(_plain(found))
        return
    zone = settings.workspace.timezone
    _say_counts(found, days, zone)
    _print_posts(found.posts, zone)
    if found.excluded:
        say(f"NOT left out {found.n_excluded:,} more, such as:")
        _print_posts(found.excluded[:3], zone)


def _plain(found: "Preview") -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(found)
    for name in ("since", "until"):
        plain[name] = moment(plain[name], "UTC").replace(" ", "T") + "Z"
    return plain


def _say_counts(found: "Preview", days: int, zone: str) -> None:
    if not found.n_looked_at:
        say("Nobody said anything here yet, so there is nothing to try it on.")
        return
    period = "day" if days == 1 else f"{days} days"
    say(f"On the last {period} this would have heard {found.n:,} of {found.n_looked_at:,} posts.")
    if not found.is_whole:
        say("Only the newest posts were looked at: ask for fewer days to see them whole.")
    if found.n:
        most = max(found.days.values())
        for day, n in found.days.items():
            say(f"  {day}  {n:>7,}  {'▇' * -(-_BAR * n // most)}")
        shown = f"Here are {len(found.posts)}:" if found.n > len(found.posts) else "Here they are:"
        say(shown if found.posts else "")


def _print_posts(posts: tuple[Post, ...], zone: str) -> None:
    columns: dict[str, Column] = {
        "post": "narrow", "when": "narrow", "channel": "narrow", "language": "narrow", "who": "short", "text": "wide",
    }  # fmt: skip
    if posts:
        print_table(columns, (_row(post, zone) for post in posts))


def _row(post: Post, zone: str) -> tuple[object, ...]:
    who = post.actor_name or post.actor or "-"
    return post.seq, moment(post.event_at, zone), post.channel, post.language or "", who, post.text or ""
