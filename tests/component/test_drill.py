"""A drill from the command line: told in a copy, warned of, written down; the workspace stays as it was."""

import subprocess
import sys
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import msgspec
import numpy as np

from gehoor.core.clock import DAY_US, SECOND_US, ReplayClock, SystemClock
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.run.drill.after_action import after_action
from gehoor.run.drill.copied import drill_settings
from gehoor.run.drill.scenario import read_scenario
from gehoor.run.drill.telling import Setting, tell_drill
from tests.cast import FAN, NOON
from tests.component.desking import BRAND, Desking
from tests.component.hearing import BRANDS, Hearing

QUIET = ("Net geboekt bij Noordvlucht", "Vlucht van Noordvlucht was op tijd", "Noordvlucht vliegt ook naar Oslo")


def _ordinary_days(now: int) -> list[Activity]:
    """Return five days in which hardly anything is said."""
    moments = now - np.sort(np.random.default_rng(3).integers(0, 5 * DAY_US, 500))[::-1]
    return [
        msgspec.structs.replace(FAN.says(f"{QUIET[n % 3]} {n}"), published=int(at), received=int(at))
        for n, at in enumerate(moments)
    ]


def test_a_drill_warns_in_its_copy_and_leaves_the_workspace_as_it_was(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    hearing = Hearing(root, BRANDS)
    now = SystemClock().now()
    for _, part in groupby(_ordinary_days(now), lambda one: one.received // (DAY_US // 2)):
        said = list(part)
        hearing.hear(said, received=said[-1].received)
    hearing.close()
    told = [post.id for post in Reader(root).posts(PostFilter(), limit=10_000)]
    command = [sys.executable, "-m", "gehoor", "drill", "outage", "-w", str(root), "--no-pages", "--json"]
    done = subprocess.run([*command, "--speed", "300", "--size", "2"], capture_output=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr.decode()
    what = msgspec.json.decode(done.stdout)
    steps = {step["name"]: step["after_s"] for step in what["steps"]}
    assert what["n_posts"] > 500 and 0 < steps["alarm"] < 1_200 and what["level"]
    assert steps["acknowledged"] is None and what["stalled"] == ["alarm", "acknowledged"]
    assert [post.id for post in Reader(root).posts(PostFilter(), limit=10_000)] == told
    assert Reader(root).alerts() == []
    day = datetime.fromtimestamp(now / SECOND_US, UTC).year
    pages = sorted(path.name for path in (root / "drills").iterdir())
    assert [path.endswith(("outage.html", "outage.json")) and path.startswith(str(day)) for path in pages] == [True] * 2


def test_what_is_answered_in_a_drill_leaves_for_nowhere_and_counts_in_its_report(tmp_path: Path) -> None:
    scenario, setting = read_scenario("outage"), Setting(brand="Noordvlucht", begin=NOON, size=0.1)
    told = tell_drill(scenario, setting)
    channels = {activity.channel for activity in told}
    toml = drill_settings(BRAND, "outage", 8500, channels).removeprefix(BRAND)
    desk = Desking(tmp_path / "workspace", toml)
    desk.hear(*told)
    desk.clock.advance(told[-1].received // SECOND_US - NOON // SECOND_US)
    waits = [one for one in desk.inbox("is:open") if desk.row(one).channel != "mastodon"]
    desk.answer(waits[0])
    desk.clock.advance(60)
    desk.place.clock = ReplayClock(desk.clock.now(), float("inf"))
    desk.send()
    what = after_action(desk.reader, told, scenario, setting, 20.0)
    first = next(step.after_s for step in what.steps if step.name == "first_answer")
    assert what.n_answered == 1 < what.n_asking
    assert first is not None and first > 0
    desk.close()


def test_a_drill_warns_where_nobody_ever_spoke(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    Hearing(root, BRANDS).close()
    command = [sys.executable, "-m", "gehoor", "drill", "outage", "-w", str(root), "--no-pages", "--json"]
    done = subprocess.run([*command, "--speed", "600"], capture_output=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr.decode()
    steps = {step["name"]: step["after_s"] for step in msgspec.json.decode(done.stdout)["steps"]}
    assert 0 < steps["alarm"] < 900
