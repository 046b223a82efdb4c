"""The pictures in the documentation: taken of the real pages, with the posts of the demo.

`GEHOOR_RECORD=1 pytest -m proof` puts them into docs/pictures; without it they are taken all the same, and looked at.
"""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from PIL import Image

from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.judgement import JUDGEMENTS
from gehoor.core.page import RawPage
from gehoor.core.person_value import note_fit, write_worth
from gehoor.core.record import Activity
from gehoor.run.demo import demo_settings
from gehoor.run.demo_run import free_port
from gehoor.run.people_fit import fit_people
from gehoor.run.simulate.scenario import Scenario
from gehoor.run.simulate.simulate import simulate
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.demo_day import demo_day, plain_lines
from tests.component.hearing import Hearing
from tests.component.serving import Serving
from tests.component.teaching import teach
from tests.component.whole import as_installed, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "pictures"
HOUR_US = 3_600 * SECOND_US
MORNING = NOON - 4 * HOUR_US
"""Ten o'clock in Amsterdam on the day of the ash cloud."""
DAWN = MORNING - 4 * HOUR_US
_PORT = 18_660
_FAR = 10_000_000  # beyond what the demo says: these examples stand beside it


class Picture(NamedTuple):
    """One picture: of which page, or what a click on it opens; how large, how it looks."""

    name: str
    path: str
    width: int = 1280
    height: int = 900
    scheme: str = "light"
    language: str = "en"
    click: str | None = None
    whole: str = ".live.on:visible"
    """What stands on the page once it is whole."""


PICTURES = (
    Picture("today", "/", height=1_000),
    Picture("vandaag", "/", height=1_000, language="nl"),
    Picture("today-dark", "/", scheme="dark"),
    Picture("today-phone", "/", width=390, height=780),
    Picture("alert", "/", click="text=Look >> nth=0"),
    Picture("posts", "/posts?words=noordvlucht&channel=mail&sentiment=negative"),
)
CHECKED = (Picture("quality", "/quality?task=intent", height=1_000), Picture("label", "/quality/label", height=580))
"""Of a gehoor of which somebody went through posts for an hour."""
KNOWN = (
    Picture("people", "/people", height=1_000),
    Picture("person", "/people?list=valuable", height=1_250, click=".people .nm >> nth=2"),
)
"""Of a gehoor that heard all twelve weeks, and counted its customers."""
LIVED = (
    (Picture("desk", "/inbox", click="#rows .it:has(.ch:text-is('mail')) a >> nth=0", whole=".side .num"),
     "60", "/", "Veel meer berichten over Noordvlucht"),
    (Picture("mirror", "/mirror", height=1_250), "3600", "/mirror", "over donderdag 16 april"),
)  # fmt: skip
"""Of a whole demo: at which speed it is lived, and which page says what once there is something to see."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a gehoor that heard two weeks of Noordvlucht, up to the morning of the ash cloud."""
    with _told(tmp_path_factory.mktemp("pictures"), simulate(14, date(2026, 3, 30), Scenario(n_days=15))) as url:
        yield url


@contextmanager
def _told(folder: Path, story: Iterator[Activity], *, is_checked: bool = False) -> Iterator[str]:
    """Serve what was heard of a story up to the morning of the ash cloud."""
    hearing = Hearing(folder / "workspace", demo_settings())
    # six hours at once, and of the morning five minutes: alarms go as they would have gone
    heard = (activity for activity in story if activity.received < MORNING)
    for _, part in groupby(heard, lambda one: one.received // (6 * HOUR_US if one.received < DAWN else HOUR_US // 12)):
        said = list(part)
        lines = plain_lines(said)
        hearing.hear_page(RawPage(source="demo", decoder="plain", payload=lines, received=said[-1].received))
    hearing.note_source("demo", "story", "running", 21.0)
    if is_checked:
        _check_some(hearing)
    with Serving(hearing, StillClock(MORNING)) as running:
        yield running.url
    hearing.close()


@pytest.mark.proof
@pytest.mark.parametrize("picture", PICTURES, ids=[picture.name for picture in PICTURES])
def test_the_pictures_of_the_documentation_can_be_taken(
    browser: "Browser", url: str, picture: Picture, tmp_path: Path
) -> None:
    _take(browser, url, picture, FOLDER if os.environ.get("GEHOOR_RECORD") else tmp_path)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a gehoor that heard a day, and was checked."""
    with _told(tmp_path_factory.mktemp("checked"), iter(demo_day()), is_checked=True) as url:
        yield url


@pytest.mark.proof
@pytest.mark.parametrize("picture", CHECKED, ids=[picture.name for picture in CHECKED])
def test_the_pictures_of_quality_can_be_taken(
    browser: "Browser", checked: str, picture: Picture, tmp_path: Path
) -> None:
    _take(browser, checked, picture, FOLDER if os.environ.get("GEHOOR_RECORD") else tmp_path)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a gehoor that heard twelve weeks, and counted its customers."""
    hearing = Hearing(tmp_path_factory.mktemp("known") / "workspace", demo_settings())
    heard = (activity for activity in simulate(14) if activity.received < MORNING)
    for _, part in groupby(heard, lambda one: one.received // (48 * HOUR_US)):
        said = list(part)
        lines = plain_lines(said)
        hearing.hear_page(RawPage(source="demo", decoder="plain", payload=lines, received=said[-1].received))
    hearing.ledger.write_index()
    rows, fit = fit_people(hearing.root, MORNING, lambda _: None)
    with hearing.projector.engine.begin() as tx:
        write_worth(tx, rows.to_pylist())
        note_fit(tx, fit)
    with Serving(hearing, StillClock(MORNING), owner=Deciding(hearing)) as running:
        yield running.url
    hearing.close()


@pytest.mark.proof
@pytest.mark.parametrize("picture", KNOWN, ids=[picture.name for picture in KNOWN])
def test_the_pictures_of_people_can_be_taken(browser: "Browser", known: str, picture: Picture, tmp_path: Path) -> None:
    _take(browser, known, picture, FOLDER if os.environ.get("GEHOOR_RECORD") else tmp_path)


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lived", LIVED, ids=[one[0].name for one in LIVED])
def test_the_pictures_of_the_desk_and_the_mirror_can_be_taken(
    browser: "Browser", tmp_path: Path, lived: tuple[Picture, str, str, str]
) -> None:
    picture, speed, path, words = lived
    with _demo(tmp_path, speed) as url:
        wait_for(f"{path} says {words!r}", lambda: words in _read(url + path), 600)
        _take(browser, url, picture, FOLDER if os.environ.get("GEHOOR_RECORD") else tmp_path)


@contextmanager
def _demo(folder: Path, speed: str) -> Iterator[str]:
    """Let the whole demo be told; yield the address of its pages."""
    port = free_port(_PORT)
    words = [sys.executable, "-m", "gehoor", "demo", "--no-open", "--port", str(port), "--speed", speed]
    with (folder / "said").open("wb") as said:
        demo = subprocess.Popen(words, stderr=said, env={**as_installed(), "TMPDIR": str(folder)})
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(120)


def _read(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_a_picture_of_a_short_story_can_be_taken(browser: "Browser", tmp_path: Path) -> None:
    with _told(tmp_path, iter(demo_day())) as url:
        _take(browser, url, PICTURES[0], tmp_path)


def _check_some(hearing: Hearing) -> None:
    """Let somebody have gone through posts for an hour: each head errs now and then, as often as ours do."""
    for task, n_wrong in (("sentiment", 5), ("intent", 4), ("urgency", 9), ("emotion", 4), ("actionability", 6)):
        words = JUDGEMENTS[task]
        said = [(words[n % len(words)], words[(n + (n % n_wrong == 0)) % len(words)]) for n in range(310)]
        for n, pair in enumerate(said):
            facts = {"p": 0.4 + 0.55 * (n % 13) / 12, "language": ("nl", "nl", "en")[n % 3]}
            teach(hearing, task, [pair], first=_FAR + n, channel=("mastodon", "mail")[n // 9 % 2], **facts)


def _take(browser: "Browser", url: str, picture: Picture, folder: Path) -> None:
    dark = "dark" if picture.scheme == "dark" else "light"
    size = {"width": picture.width, "height": picture.height}
    context = browser.new_context(viewport=size, color_scheme=dark, locale=picture.language)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url + picture.path)
    if picture.click is not None:
        page.click(picture.click)
        page.wait_for_url(
            "**/people/*" if picture in KNOWN else "**/inbox/*" if picture.name == "desk" else "**/alerts/*"
        )
    page.mouse.move(picture.width / 2, picture.height / 2)
    page.wait_for_selector(picture.whole)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(600)
    raw = page.screenshot()
    context.close()
    folder.mkdir(exist_ok=True)
    target = folder / f"{picture.name}.png"
    with Image.open(BytesIO(raw)) as whole:
        whole.convert("RGB").quantize(200, dither=Image.Dither.NONE).save(target, optimize=True)
    with Image.open(target) as taken:
        assert taken.size == (picture.width, picture.height)
        assert len(taken.getcolors(256) or ()) > 20, "next to nothing is on it"
    assert target.stat().st_size < 160_000


def test_every_picture_is_shown_on_a_page_and_every_page_shows_one_that_is_taken() -> None:
    pages = [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]
    shown = {name for page in pages for name in re.findall(r"pictures/([\w-]+)\.png", page.read_text(encoding="utf-8"))}
    assert shown == {picture.name for picture in (*PICTURES, *CHECKED, *KNOWN, *(one[0] for one in LIVED))}
    assert shown == {path.stem for path in FOLDER.glob("*.png")}
