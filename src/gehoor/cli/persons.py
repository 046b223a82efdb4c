"""See, export, forget, merge and split persons; every look is noted."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gehoor.cli.progress import busy
from gehoor.cli.terminal import AsJson, Place, cell, moment, print_json, reading, say, workspace_of
from gehoor.core.clock import DAY_US
from gehoor.core.forget import Forgotten
from gehoor.core.settings import load
from gehoor.run.offline import ask
from gehoor.run.person_view import PersonView

__all__ = ["export", "forget", "merge", "object_", "show", "split"]

_Person = Annotated[
    str, typer.Argument(metavar="ID", help="A person's number, an account, a mail address, phone or customer number.")
]
_Other = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The other account: the channel's stable id.")]
_Channel = Annotated[str | None, typer.Option(help="Where that account lives, if it is one.")]


def _ask(place: Path | None, act: str, **arguments: Any) -> Any:
    with reading():
        return ask(load(workspace_of(place)).root, "person", act=act, arguments=arguments)


def show(person: _Person, *, channel: _Channel = None, workspace: Place = None, as_json: AsJson = False) -> None:
    """Show what is known of a person: accounts and why they are one, what was said and done. The look is noted."""
    found = msgspec.convert(_ask(workspace, "show", who={"id": person, "channel": channel}), PersonView)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: PersonView) -> None:
    typer.echo(f"person\t{found.id}")
    for account in found.accounts:
        typer.echo(f"account\t{cell(account.channel)}\t{cell(account.actor)}\t{cell(account.name or '-')}")
    if found.first_day is not None and found.last_day is not None:
        first, last = (moment(day * DAY_US, "UTC")[:10] for day in (found.first_day, found.last_day))
        typer.echo(f"days\t{first}\t{last}")
    for measure, n in found.totals.items():
        typer.echo(f"{measure}\t{n}")
    for currency, amount in found.spend.items():
        typer.echo(f"spend\t{amount:.2f}\t{cell(currency or '-')}")
    for group, (top, rest) in found.names.items():
        named = ", ".join(f"{cell(name)} {n}" for name, n in top)
        if named:
            typer.echo(f"{group}\t{named}{f', others {rest}' if rest else ''}")
    for line in found.evidence:
        typer.echo(f"evidence\t{line.kind}\t{line.n}\tpost {line.seq}")
    say(f"Looked at {len(found.looks)} times before; this look is noted too.")


def export(
    person: _Person,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="OUT.jsonl, that does not exist yet.")],
    channel: _Channel = None,
    workspace: Place = None,
) -> None:
    """Write all that is held of a person into one file, for them to have."""
    who = {"id": person, "channel": channel}
    with busy("exporting"):
        done = _ask(workspace, "export", who=who, path=str(output.absolute()))
    say(f"{output}: {done['n']:,} lines, all that is held of this person. Hand it over safely, then delete it.")


def forget(
    person: _Person,
    *,
    channel: _Channel = None,
    workspace: Place = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person everywhere, for ever: every account of theirs, keys, profile, posts, history, rejects."""
    if not yes:
        typer.confirm(f"Erase everything of {cell(person)}, all accounts, for ever?", abort=True, err=True)
    with busy("erasing"):
        done = msgspec.convert(_ask(workspace, "forget", who={"id": person, "channel": channel}), list[Forgotten])
    if as_json:
        print_json(done)
        return
    for one in done:
        say(f"Erased: {one.n_rows} posts and doings of {cell(one.actor)} on {cell(one.channel)}.")
    if n := sum(one.n_references for one in done):
        say(f"Pseudonyms stand in {n} posts and doings of others that referred to them.")
    for seq, id_ in sorted({mention for one in done for mention in one.mentions}):
        say(f"Post {seq} ({cell(id_)}) of somebody else names this person: what to do with that is yours to decide.")
    for path in sorted({path for one in done for path in one.backups}):
        say(f"The backup {path} still holds the person: erase it, or make it anew.")


def object_(
    person: _Person,
    *,
    channel: _Channel = None,
    workspace: Place = None,
    undo: Annotated[bool, typer.Option("--undo", help="The objection is taken back.")] = False,
) -> None:
    """Stop profiling somebody who objects; what they say is still heard and answered."""
    _ask(workspace, "object", who={"id": person, "channel": channel}, undo=undo)
    say("A profile is kept again, from what the ledger holds." if undo else "No profile is kept of this person.")


def merge(
    person: _Person, account: _Other, *, channel: _Channel = None, of: _Channel = None, workspace: Place = None
) -> None:
    """Say that an account is of this person too, as the person confirmed; --of says where ID lives."""
    who, other = {"id": person, "channel": of}, {"id": account, "channel": channel}
    found = msgspec.convert(_ask(workspace, "merge", who=who, other=other), PersonView)
    say(f"Person {found.id} has {len(found.accounts)} accounts now. Not right after all? gehoor person split --help")


def split(person: _Person, account: _Other, *, channel: _Channel = None, workspace: Place = None) -> None:
    """Say that an account is not the same person as the others; it stays so, whatever comes in later."""
    who, other = {"id": person}, {"id": account, "channel": channel}
    found = msgspec.convert(_ask(workspace, "split", who=who, other=other), PersonView)
    say(f"Person {found.id} has {len(found.accounts)} accounts now; {cell(account)} is somebody else.")
