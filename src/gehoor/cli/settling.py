"""Begin: make a workspace, say what it listens to, see whether that can work."""

import re
import secrets
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import typer

from gehoor.cli.answering import add_replier, print_ability
from gehoor.cli.terminal import AsJson, Place, cell, fail, moment, print_json, say, workspace_of
from gehoor.core import registry
from gehoor.core.clock import SystemClock
from gehoor.core.errors import SettingError
from gehoor.core.settings import Settings, load
from gehoor.core.settings_edit import set_keys
from gehoor.core.settings_text import FILE_NAME, nearest
from gehoor.core.settings_webhooks import new_secret
from gehoor.core.settings_write import add_table, write_default, write_settings
from gehoor.core.store import store_path
from gehoor.run.lock import is_owned
from gehoor.run.offline import ask
from gehoor.run.repliers import try_replier
from gehoor.run.trial import Trial, try_source

__all__ = ["add", "check", "init"]

_GROUPS = ("sources", "receivers", "senders", "repliers")
_TYPES = (
    "file, feed, mastodon, bluesky, segment, activitystreams, mail, webhook, brand; "
    "to answer: mastodon-reply, bluesky-reply, mail-reply."
)
_WHAT = (
    "file: its path. feed: its address, or several. mastodon: timelines, such as '#tag' or @name@host. "
    "bluesky: words to search for. webhook: its address. brand: its name and more terms. "
    "mail: who is told; without anybody it is a mailbox that we hear. "
    "mastodon-reply: the server. bluesky-reply: the handle."
)


def _name_of(words: str) -> str:
    """Return a name that a table may have: `Acme Bank` gives `acme-bank`."""
    return re.sub(r"[^a-z0-9_]+", "-", words.lower()).strip("-")[:64]


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made if it is not there.")],
    *,
    name: Annotated[str | None, typer.Option(help="Whose workspace it is; else the folder's name.")] = None,
    brand: Annotated[list[str] | None, typer.Option(help="What people call you; may be given more than once.")] = None,
    language: Annotated[Literal["nl", "en"], typer.Option(help="Of the pages.")] = "nl",
) -> None:
    """Make a workspace: one folder with a gehoor.toml."""
    path = write_default(folder, name or folder.resolve().name or "gehoor", interface=language)
    for term in brand or []:
        add_table(folder, "brands", _name_of(term) or "brand", {"terms": [term], "label": term})
    say(f"Made {path}. Next: gehoor add file posts.jsonl -w {folder}, then: gehoor serve {folder}")


def add(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help=_TYPES)],
    what: Annotated[list[str] | None, typer.Argument(help=_WHAT)] = None,
    *,
    workspace: Place = None,
    name: Annotated[str | None, typer.Option(help="What to call it in gehoor.toml.")] = None,
    channel: Annotated[str | None, typer.Option(help="Of posts that name none.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="file: read on when it grows.")] = False,
    format_: Annotated[str | None, typer.Option("--format", help="file: plain, xapi, csv, twcs.")] = None,
    column: Annotated[list[str] | None, typer.Option(help="file: OURS=THEIRS, such as text=body; repeatable.")] = None,
    write_key: Annotated[str | None, typer.Option(help="segment: else one is made and shown.")] = None,
    token: Annotated[str | None, typer.Option(help="What we show, or senders must; or $NAME.")] = None,
    option: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE: any other setting.")] = None,
) -> None:
    """Add a source, a receiver, a sender of alerts, a replier or a brand to a workspace."""
    root = workspace_of(workspace)
    given: dict[str, Any] = {"channel": channel, "follow": follow or None, "format": format_, "write_key": write_key}
    given |= {"token": token, "columns": _pairs(column, "--column") or None} | _typed(_pairs(option, "--set"))
    if kind == "brand":
        _add_brand(root, what or [], name)
    elif kind in registry.names("sources") and not (kind == "mail" and what):  # with addresses: who is told by mail
        _add_source(root, kind, what or [], name, given)
    elif kind in registry.names("receivers"):
        _add_receiver(root, kind, what or [], name, given)
    elif kind in registry.names("senders"):
        _add_sender(root, kind, what or [], name, given)
    elif kind in registry.names("repliers"):
        add_replier(root, kind, what or [], name, given)
    else:
        known = [*(name for group in _GROUPS for name in registry.names(group)), "brand"]
        raise SettingError(f"There is no type {kind!r}.{nearest(kind, known)} Known: {', '.join(known)}.")
    if is_owned(root):
        say("gehoor runs there: it takes this up within a few seconds.")
    elif store_path(root).exists():
        ask(root, "reload")  # a line in the audit log, as a running gehoor writes one


def _pairs(given: list[str] | None, where: str) -> dict[str, str]:
    for pair in given or []:
        if not re.match(r"[^=]+=", pair):
            raise SettingError(f"{where} {pair!r}: write it as NAME=VALUE.")
    return dict(pair.split("=", 1) for pair in given or [])


def _typed(texts: dict[str, str]) -> dict[str, Any]:
    """Read values as TOML where they are (5, true, ["a"]), else as plain words."""
    values: dict[str, Any] = {}
    for key, text in texts.items():
        try:
            values[key] = tomllib.loads(f"v = {text}")["v"]
        except tomllib.TOMLDecodeError:
            values[key] = text
    return values


def _add_brand(root: Path, terms: list[str], name: str | None) -> None:
    if not terms:
        raise SettingError('Say what people call it: gehoor add brand "Acme" "acme bank"')
    add_table(root, "brands", name or _name_of(terms[0]) or "brand", {"terms": terms, "label": terms[0]})
    say(f"Added the brand {terms[0]}. What was heard before keeps its judgement.")


def _add_source(root: Path, kind: str, what: list[str], name: str | None, given: dict[str, Any]) -> None:
    if kind == "file":
        if len(what) != 1:
            raise SettingError("Say which file, one at a time: gehoor add file posts.jsonl")
        path = Path(what[0]).expanduser()
        if not path.exists() and not given["follow"]:
            raise SettingError(f"{path}: there is no such file. Check the path, or wait for it with --follow.")
        given["path"] = _from(root, path)
        name = name or _name_of(path.name.partition(".")[0])
    elif what:
        given[_argument("sources", kind)] = what
        name = name or _name_of(urlsplit(what[0]).hostname or "")
    name = name or kind
    add_table(root, "sources", name, {"type": kind, **given})
    if kind == "file":
        say(f"Added the source {name}. See what it reads: gehoor check -w {root}")
        return
    say(f"Added the source {name}. This is what it hears now:")
    settings = load(root)
    _print_trial(settings, try_source(settings, name, SystemClock()), as_json=False)


def _argument(group: str, kind: str) -> str:
    """Return the setting that the words behind a type are for, which the options of the type name."""
    name: str | None = getattr(registry.load(group, kind).Options, "argument", None)
    if name is None:
        raise SettingError(f"{kind} takes options only: gehoor add {kind} --set KEY=VALUE")
    return name


def _from(root: Path, path: Path) -> str:
    """Return a path as gehoor.toml says it: relative to the workspace where it lies in it."""
    whole = path.absolute()
    return str(whole.relative_to(root.absolute()) if whole.is_relative_to(root.absolute()) else whole)


def _add_receiver(root: Path, kind: str, what: list[str], name: str | None, given: dict[str, Any]) -> None:
    if what:
        raise SettingError(f"A receiver of type {kind} takes options only: see gehoor add --help")
    if kind == "segment":
        given["write_key"] = given["write_key"] or secrets.token_urlsafe(24)
    if kind == "websub":
        given["secret"] = given.get("secret") or secrets.token_urlsafe(24)
    name = name or kind
    add_table(root, "receivers", name, {"type": kind, **given})
    web = load(root).web
    say(f"Added the receiver {name}: {', '.join(_paths(kind))} at http://{web.host}:{web.port} while gehoor serves.")
    if kind == "websub" and web.public_url is None:
        say("Hubs reach it once [web] public_url says how: the address of this machine as seen from outside.")
    if kind == "segment":
        say("Point a Segment SDK at that host, with this write key:")
        typer.echo(given["write_key"])


def _add_sender(root: Path, kind: str, what: list[str], name: str | None, given: dict[str, Any]) -> None:
    """Add who is told when something grows, and let alerts be sent there."""
    if what:
        given[_argument("senders", kind)] = what if kind == "mail" else what[0]
    if kind == "webhook":
        given["secret"] = given.get("secret") or new_secret()
    name = name or kind
    add_table(root, "senders", name, {"type": kind, **given})
    text = (root / FILE_NAME).read_bytes().decode("utf-8-sig")
    write_settings(root, set_keys(text, "alerts", {"to": [*load(root).alerts.to, name]}))
    say(f"Alerts go to {name} from now on. See whether they arrive: gehoor alerts --test {name} -w {root}")
    if kind == "webhook":
        say("The other side checks the signature with this secret:")
        typer.echo(given["secret"])


def _paths(kind: str) -> tuple[str, ...]:
    paths: tuple[str, ...] = registry.load("receivers", kind).paths
    return tuple(path for path in paths if path.startswith("/v1/") and len(path) > 5)


def check(*, workspace: Place = None, as_json: AsJson = False) -> None:
    """Say whether the settings can work: read the first page of each source, take nothing in, and post nothing."""
    settings = load(workspace_of(workspace))
    trials = [try_source(settings, name, SystemClock()) for name in settings.sources]
    for trial in trials:
        _print_trial(settings, trial, as_json=as_json)
    receivers = {name: part.type for name, part in settings.receivers.items()}
    for name, kind in receivers.items():
        if as_json:
            print_json({"receiver": name, "type": kind, "paths": _paths(kind)})
        else:
            say(f"{name} ({kind}): listens at {', '.join(_paths(kind))}")
    answers = [try_replier(settings, name, SystemClock()) for name in settings.repliers]
    for answer in answers:
        print_ability(answer, as_json=as_json)
    if not trials and not receivers:
        say(f"The settings are right, and nothing is listened to yet: gehoor add file posts.jsonl -w {settings.root}")
    if not settings.brands:
        say(f'No brand is known, so none is found in posts: gehoor add brand "Acme" -w {settings.root}')
    if not all(trial.is_good for trial in trials) or any(answer.trouble for answer in answers):
        raise typer.Exit(2)


def _print_trial(settings: Settings, trial: Trial, *, as_json: bool) -> None:
    if as_json:
        examples = [{"id": post.id, "text": post.text, "event": post.event} for post in trial.examples]
        rejects = [{"position": reject.position, "reason": reject.reason} for reject in trial.rejects]
        known = {"source": trial.source, "type": trial.type, "ok": trial.is_good, "trouble": trial.trouble}
        print_json(
            known | {"n_read": trial.n_read, "n_rejected": trial.n_rejected, "examples": examples, "rejects": rejects}
        )
        return
    if trial.trouble:
        fail(f"{trial.source} ({trial.type}): {trial.trouble}")
        return
    say(f"{trial.source} ({trial.type}): first page {trial.n_read} read, {trial.n_rejected} cannot be read")
    for post in trial.examples:
        at = moment(post.published, settings.workspace.timezone) or "no date"
        words = cell(post.text or post.event or post.type)[:120]
        say(f"  {at}  {cell(post.channel)}  {cell(post.actor or '-')}  {words}")
    for reject in trial.rejects:
        say(f"  rejected: {cell(reject.reason)}")
