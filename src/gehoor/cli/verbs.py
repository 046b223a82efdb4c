"""Puts the verbs together, and turns an error into one line and an exit code."""

import os
from typing import Any

import typer
from typer.core import TyperGroup

from gehoor.cli.alerting import alerts
from gehoor.cli.analysing import analyse
from gehoor.cli.asking import posts, rejects, sources
from gehoor.cli.drilling import drill
from gehoor.cli.dropping import dropped
from gehoor.cli.files import annotate, bench, detect, version
from gehoor.cli.finding_topics import topics
from gehoor.cli.keeping import backup, correct, forget, rebuild, restore
from gehoor.cli.knowing import match, switching, value
from gehoor.cli.mirroring import advice, mirror, moments, renewals
from gehoor.cli.modelling import list_models, refit, roll_back
from gehoor.cli.persons import export, merge, object_, show, split
from gehoor.cli.persons import forget as forget_person
from gehoor.cli.previewing import query
from gehoor.cli.running import demo, replay, serve, stop
from gehoor.cli.settling import add, check, init
from gehoor.cli.spreading import spread
from gehoor.cli.team import add as add_member
from gehoor.cli.team import list_team, reset
from gehoor.cli.team import role as give_roles
from gehoor.cli.terminal import fail
from gehoor.cli.training import train
from gehoor.core.errors import GehoorError, RejectedRecord, SettingError

__all__ = ["app", "main"]

_DONE, _COULD_NOT, _WRONG = 0, 1, 2


class _Verbs(TyperGroup):
    """A group whose verbs end with a message where they cannot go on."""

    def invoke(self, ctx: Any) -> Any:
        if os.environ.get("GEHOOR_DEBUG"):
            return super().invoke(ctx)
        try:
            return super().invoke(ctx)
        except GehoorError as error:
            fail(str(error))
            raise typer.Exit(_WRONG if isinstance(error, (SettingError, RejectedRecord)) else _COULD_NOT) from error


app = typer.Typer(
    cls=_Verbs,
    name="gehoor",
    help="Customer listening: hear what people say and do, and give an answer.",
    epilog="Begin with: gehoor demo. Or with your own posts: gehoor init workspace",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_BEGIN, _RUN, _LOOK, _KEEP, _FILES = "Begin", "Run", "Look", "Keep", "Files and figures"


def _add(panel: str, verb: Any, example: str, name: str | None = None) -> None:
    app.command(name or verb.__name__, rich_help_panel=panel, epilog=f"Example: {example}")(verb)


_add(_BEGIN, init, 'gehoor init workspace --name "Acme" --brand acme --language nl')
_add(_BEGIN, add, "gehoor add file posts.jsonl --name posts")
_add(_BEGIN, check, "gehoor check -w workspace")
_add(_BEGIN, demo, "gehoor demo")
_add(_RUN, serve, "gehoor serve workspace --open")
_add(_RUN, replay, "gehoor replay posts.jsonl --speed 60")
_add(_RUN, drill, "gehoor drill onevoice --speed 60")
_add(_RUN, stop, "gehoor stop -w workspace")
_add(_LOOK, mirror, "gehoor mirror --period week")
_add(_LOOK, posts, 'gehoor posts "app doet het niet" --sentiment negative --limit 5')
_add(_LOOK, query, "gehoor query 'koffer* NEAR/5 kwijt OR \"mijn tas\" -lang:de' --days 7")
_add(_LOOK, sources, "gehoor sources --json")
_add(_LOOK, rejects, "gehoor rejects --source posts")
_add(_LOOK, dropped, "gehoor dropped --replay")
_add(_LOOK, alerts, "gehoor alerts --test mail")
_add(_KEEP, moments, 'gehoor moments --add "Interview on television" --since 2026-11-22T20:30 --kind broadcast')
_add(_KEEP, renewals, 'gehoor renewals --add "Subscription for a month" --date 2026-11-01 --kind offer')
_add(_KEEP, advice, "gehoor advice 2026-11-21//retention/channel/mail done")
_add(_KEEP, correct, "gehoor correct 1234 --sentiment negative")
_add(_KEEP, forget, "gehoor forget https://mastodon.example/users/jan --channel mastodon")
_add(_KEEP, rebuild, "gehoor rebuild all")
_add(_KEEP, backup, "gehoor backup /backups/monday -w workspace")
_add(_KEEP, restore, "gehoor restore /backups/monday workspace")
_add(_FILES, annotate, "gehoor annotate posts.jsonl -o annotated.parquet --brand acme")
_add(_FILES, analyse, "gehoor analyse archive/ -o analysed --brand acme")
_add(_FILES, detect, "gehoor detect counts.csv -o scores.csv")
_add(_FILES, topics, "gehoor topics posts.jsonl -o topics.csv")
_add(_FILES, train, "gehoor train labelled.csv --task need -o models/need")
_add(_FILES, spread, "gehoor spread cascades.csv --observed-minutes 60 --fit others.csv -o spread.csv")
_add(_FILES, value, "gehoor value orders.csv --until 2026-09-30 --horizon-days 180 -o value.csv")
_add(_FILES, match, "gehoor match records.csv -o persons.csv")
_add(_FILES, switching, "gehoor switching purchases.csv -o next.csv")
_add(_FILES, bench, "gehoor bench --posts 100000 --json")
_add(_FILES, version, "gehoor version")

models = typer.Typer(no_args_is_help=True, help="See which head judges, let it learn from corrections, go back.")
models.command("list", epilog="Example: gehoor models list --log")(list_models)
models.command("refit", epilog="Example: gehoor models refit intent")(refit)
models.command("rollback", epilog="Example: gehoor models rollback intent")(roll_back)
app.add_typer(models, name="models", rich_help_panel=_KEEP)

person = typer.Typer(no_args_is_help=True, help="See a person whole; export, forget, merge, split. Looks are noted.")
person.command("show", epilog="Example: gehoor person show jan@acme.example")(show)
person.command("export", epilog="Example: gehoor person export jan@acme.example -o jan.jsonl")(export)
person.command("forget", epilog="Example: gehoor person forget jan@acme.example")(forget_person)
person.command("object", epilog="Example: gehoor person object customer-4711 --channel shop")(object_)
person.command("merge", epilog="Example: gehoor person merge jan@acme.example did:plc:jan --channel bluesky")(merge)
person.command("split", epilog="Example: gehoor person split jan@acme.example did:plc:jan")(split)
app.add_typer(person, name="person", rich_help_panel=_KEEP)

team = typer.Typer(no_args_is_help=True, help="Say who works here: who logs in, and what each may do.")
team.command("add", epilog='Example: gehoor team add "Jan Bakker" jan@acme.example --role agent')(add_member)
team.command("list", epilog="Example: gehoor team list")(list_team)
team.command("role", epilog="Example: gehoor team role jan@acme.example --role lead")(give_roles)
team.command("reset", epilog="Example: gehoor team reset jan@acme.example")(reset)
app.add_typer(team, name="team", rich_help_panel=_KEEP)


def main() -> None:
    """Run the command line."""
    app()
