"""What people do, are worth, and who they are: file in, file out; no workspace needed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gehoor.cli.terminal import AsJson, print_json, say
from gehoor.core.errors import SettingError

if TYPE_CHECKING:
    from gehoor.run.contracts import ContractReport
    from gehoor.run.match import MatchReport
    from gehoor.run.switching import SwitchingReport
    from gehoor.run.value import ValueReport

__all__ = ["match", "switching", "value"]


def value(
    source: Annotated[Path, typer.Argument(metavar="ORDERS", help="CSV: customer_id,date,amount.")],
    *,
    until: Annotated[str, typer.Option(help="The last day that is known, such as 2026-09-30.")],
    horizon_days: Annotated[int, typer.Option(help="How many days ahead to look.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="OUT.csv, .parquet or .jsonl.")],
    contracts: Annotated[
        bool, typer.Option("--contracts", help="The file holds contracts: customer_id,began,ended. Which will end?")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """File in, file out: who is still a customer, how often they will order, and for how much."""
    if contracts:
        from gehoor.run.contracts import contract_value

        found = contract_value(source, output, until, horizon_days)
        print_json(found) if as_json else _say_contracts(output, found)
        return
    from gehoor.run.value import value as value_of_file

    report = value_of_file(source, output, until, horizon_days)
    if as_json:
        print_json(report)
    else:
        _say_value(output, horizon_days, report)


def _say_value(output: Path, horizon_days: int, report: "ValueReport") -> None:
    say(
        f"{output}: {report.customers:,} customers, {report.rows:,} rows. In {horizon_days:,} days "
        f"{report.expected_purchases:,.0f} orders are expected, worth {report.clv:,.2f}. Model: {report.model}."
    )
    if report.held_out_days:
        say(
            f"Held out: the last {report.held_out_days:,} days of {report.held_out_customers:,} customers, who ordered "
            f"{report.held_out_actual:,} times."
        )
    for one in report.judged:
        auc = "" if one.again_auc is None else f"who orders again {one.again_auc:.3f}"
        size = "" if one.total is None else f"expected {one.total:,.0f}, error {one.rmse:.3f}, "
        say(f"  {one.name:10} {size}{auc}")
    for note in report.notes:
        say(f"Note: {note}")


def _say_contracts(output: Path, report: "ContractReport") -> None:
    say(
        f"{output}: {report.running:,} contracts run, {report.ended:,} have ended. In {report.months:,} months "
        f"{report.expected_ends:,.1f} of them are expected to end."
    )
    if report.held_out_expected is not None:
        say(
            f"Held out: of {report.held_out_running:,} that ran {report.months:,} months ago {report.held_out_ended:,} "
            f"ended; expected {report.held_out_expected:,.1f}, by the average {report.held_out_usual:,.1f}."
        )
    for note in report.notes:
        say(f"Note: {note}")


def switching(
    source: Annotated[Path, typer.Argument(metavar="PURCHASES", help="CSV or JSON lines: customer_id,n,brand.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="OUT.csv, .parquet or .jsonl.")],
    as_json: AsJson = False,
) -> None:
    """File in, file out: which brand each customer buys next, foretold before it is seen."""
    from gehoor.run.switching import switching as switching_of_file

    report = switching_of_file(source, output)
    if as_json:
        print_json(report)
    else:
        _say_switching(output, report)


def _say_switching(output: Path, report: "SwitchingReport") -> None:
    say(f"{output}: {report.rows:,} purchases, {report.customers:,} customers, {len(report.brands):,} brands.")
    rules = (
        ("foretold", report.log_loss, report.accuracy),
        ("last again", report.repeat_log_loss, report.repeat_accuracy),
        ("most popular", report.popular_log_loss, report.popular_accuracy),
    )
    for name, loss, accuracy in rules:
        if loss is not None:
            say(f"  {name:13} log-loss {loss:.3f}, right {accuracy:.1%}")
    for brand, share, bought, expected, z in zip(
        report.brands,
        *(report.market[name] for name in ("share", "penetration", "penetration_expected", "z")),
        strict=True,
    ):
        say(f"  {brand}: {share:.1%} of purchases, {bought:.1%} buy it; its size alone: {expected:.1%} (z {z:+.1f})")
    for note in report.notes:
        say(f"Note: {note}")


def match(
    source: Annotated[Path, typer.Argument(metavar="RECORDS", help="CSV or JSON lines: id, and who it is.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="OUT.csv, .parquet or .jsonl.")],
    kinds: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME=KIND", help="What a column holds, such as Roepnaam=given_name."),
    ] = None,
    min_p: Annotated[float, typer.Option(help="How probable a merge must be: .99 if nobody looks at it.")] = 0.5,
    as_json: AsJson = False,
) -> None:
    """File in, file out: which records are one person."""
    from gehoor.run.match import match as match_file

    report = match_file(source, output, dict(_named(one) for one in kinds or ()), min_p)
    if as_json:
        print_json(report)
    else:
        _say_match(output, report)


def _named(text: str) -> tuple[str, str]:
    name, sign, kind = text.rpartition("=")
    if not sign:
        raise SettingError(f"--column: {text} names no kind. Write it as NAME=KIND, such as Roepnaam=given_name.")
    return name, kind


def _say_match(output: Path, report: "MatchReport") -> None:
    say(f"{output}: {report.records:,} records, {report.persons:,} persons; {report.merged:,} records share theirs.")
    say("Compared: " + ", ".join(f"{name} ({kind})" for name, kind in report.columns.items() if kind != "skip"))
    say(f"{report.doubtful:,} pairs are likely one person, but not surely so: look at match_p below 0.99.")
    for note in report.notes:
        say(f"Note: {note}")
