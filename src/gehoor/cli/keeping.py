"""Keep: correct, forget, rebuild, back up and restore; through the owner where one runs."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from gehoor.cli.progress import busy
from gehoor.cli.terminal import AsJson, Place, cell, print_json, reading, say, workspace_of
from gehoor.core import registry
from gehoor.core.errors import SettingError
from gehoor.core.forget import Forgotten
from gehoor.core.judgement import SPAM, check_judgement
from gehoor.core.settings import load
from gehoor.run.backup import restore as restore_from
from gehoor.run.offline import ask

__all__ = ["backup", "correct", "forget", "rebuild", "restore"]


def correct(
    seq: Annotated[int, typer.Argument(metavar="POST", help="Its number, as `gehoor posts` shows it.")],
    *,
    workspace: Place = None,
    sentiment: Annotated[str | None, typer.Option(help="negative, neutral or positive.")] = None,
    intent: Annotated[
        str | None, typer.Option(help="help, complaint, question, praise, improvement, leaving, other.")
    ] = None,
    need: Annotated[str | None, typer.Option(help="delivery, refund, invoice ...; '' for none.")] = None,
    actionability: Annotated[str | None, typer.Option(help="answer, aggregate or none.")] = None,
    urgency: Annotated[str | None, typer.Option(help="low, normal, high or critical.")] = None,
    emotion: Annotated[str | None, typer.Option(help="anger, worry, disappointment, joy, gratitude or none.")] = None,
    motive: Annotated[
        str | None, typer.Option(help="price, delivery, staff, range, design, ease, energy, trust, society or none.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Two letters, such as nl; und where nobody can say.")] = None,
    spam: Annotated[
        bool | None, typer.Option("--spam/--no-spam", help="It is spam after all, or none: then it counts again.")
    ] = None,
) -> None:
    """Correct what gehoor thought of a post; counts follow, and heads learn from it."""
    judgements = {
        "sentiment": sentiment, "intent": intent, "need": need, "actionability": actionability, "urgency": urgency,
        "emotion": emotion, "motive": motive, "language": language, "spam": {True: SPAM, False: "", None: None}[spam],
    }  # fmt: skip
    said = {column: value for column, value in judgements.items() if value is not None}
    if not said:
        raise SettingError("Say what it should be: --sentiment, --intent, --need ..., --spam or --no-spam.")
    for column, value in said.items():  # all of them are right, or none is taken
        check_judgement(column, value)
    with reading():
        for column, value in said.items():
            ask(workspace_of(workspace), "correct", seq=seq, column=column, value=value)
    say(f"Post {seq} is corrected.")


def forget(
    actor: Annotated[str, typer.Argument(help="The channel's stable id: `gehoor posts --json` shows it.")],
    *,
    channel: Annotated[str, typer.Option(help="Where that id lives.")],
    workspace: Place = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person everywhere, for ever: posts, counts, words, history, rejects, what was dropped."""
    root = load(workspace_of(workspace)).root
    if not yes:
        question = f"Erase everything that {cell(actor)} said or did on {cell(channel)}, for ever?"
        typer.confirm(question, abort=True, err=True)
    with reading(), busy("erasing"):
        done = msgspec.convert(ask(root, "forget", channel=channel, actor=actor), Forgotten)
    if as_json:
        print_json(done)
        return
    aside = f"{done.n_rejects} rejects, {done.n_dropped} dropped, {done.n_examples} corrections"
    say(f"Erased: {done.n_rows} posts and doings, {aside}; {done.n_parts} files of history rewritten.")
    if done.n_references:
        say(f"Pseudonyms stand in {done.n_references} posts and doings of others that referred to them.")
    if done.mentions:
        say("Others wrote about this person; what to do with that is yours to decide:")
        for seq, id_ in done.mentions:
            typer.echo(f"{seq}\t{cell(id_)}")
    if done.backups:
        say("These backups still hold the person: erase them, or make them anew:")
        for path in done.backups:
            typer.echo(path)


def rebuild(
    projection: Annotated[str, typer.Argument(help="rollup, words, history, or all.")], *, workspace: Place = None
) -> None:
    """Make counts, words or history anew from the ledger; nothing is sent again."""
    root = workspace_of(workspace)
    known = registry.names("projections")
    if projection not in {"all", *known}:
        raise SettingError(f"There is no projection named {projection!r}. Known: {', '.join(known)}, all.")
    for name in known if projection == "all" else [projection]:
        with reading(), busy(f"rebuilding {name}"):
            n = ask(root, "rebuild", name=name)
        say(f"{name}: made anew from {n:,} rows.")


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="That does not exist yet, outside the workspace.")],
    *,
    workspace: Place = None,
) -> None:
    """Copy the workspace, also while it runs."""
    with reading(), busy("copying"):
        done = ask(workspace_of(workspace), "backup", target=str(folder.absolute()))
    say(f"Copied to {done['target']}, up to post {done['offset']}.")


def restore(
    folder: Annotated[Path, typer.Argument(metavar="BACKUP", help="Made by gehoor backup.")],
    into: Annotated[Path, typer.Argument(metavar="DIR", help="That does not exist yet.")],
) -> None:
    """Make a workspace from a backup."""
    with busy("copying"):
        n_days = restore_from(folder, into)
    say(f"Restored into {into}: {n_days} days in the ledger. Start it: gehoor serve {into}")
