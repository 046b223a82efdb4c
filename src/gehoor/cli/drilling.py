"""The fire drill: a crisis that never was, in a copy of the workspace."""

from typing import Annotated

import typer

from gehoor.cli.progress import busy
from gehoor.cli.terminal import AsJson, Place, print_json, say, workspace_of
from gehoor.core.clock import SystemClock
from gehoor.core.settings import load

__all__ = ["drill"]


def drill(
    scenario: Annotated[
        str, typer.Argument(help="ashcloud, onevoice, outage, recall, rumour; or a file of your own (docs).")
    ],
    *,
    workspace: Place = None,
    brand: Annotated[str | None, typer.Option(help="Around which brand; else the first.", show_default=False)] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=600, help="Seconds of the drill in one second now.")] = 20.0,
    size: Annotated[float, typer.Option(min=0.01, max=1_000, help="How large: 2 is twice as many people.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Another number gives other people.")] = 1,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Of its pages, or the next that is free.")] = 8500,
    pages: Annotated[bool, typer.Option("--pages/--no-pages", help="Show it; without, end with the scenario.")] = True,
    as_json: AsJson = False,
) -> None:
    """Play a crisis into a copy of your workspace, and see how fast you are. Nothing of it reaches anybody."""
    from gehoor.run.drill.drill import Options, run_drill
    from gehoor.run.drill.report import sentences_of
    from gehoor.web.app import serve as serve_pages

    options = Options(scenario=scenario, brand=brand, speed=speed, size=size, seed=seed, port=port)
    root = workspace_of(workspace)
    with busy("drilling"):
        done = run_drill(root, options, SystemClock(), serve_pages if pages else None, say)
    if as_json:
        print_json(done.what)
        return
    for sentence in sentences_of(done.what, load(root).workspace.interface):
        say(sentence)
    say(f"The report: {done.page}")
