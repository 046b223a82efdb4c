"""How the pages are looked at in a browser."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# a drawing process of its own costs a sixth more CPU, and there is no card that it would have to outlive
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run", "--in-process-gpu"]
AXE = Path(__file__).parents[1] / "data" / "vendor" / "axe.js"
# every rule runs; to also tell in full of each node that is right took longer than to look at it
_RUN_AXE = """axe.run({resultTypes: ['violations']})
    .then(found => ({n_passed: found.passes.length, violations: found.violations}))"""
_PATIENCE_MS = 120_000
"""After which a page has failed to show something, on the busiest machine."""
LOOKS = [
    (1280, "light", "nl"),
    (360, "dark", "en"),
    # each width, colour and language is above; all that can meet takes minutes
    *(
        pytest.param(width, scheme, language, marks=pytest.mark.proof)
        for width, scheme, language in product((360, 1280), ("light", "dark"), ("nl", "en"))
        if (width, scheme, language) not in {(1280, "light", "nl"), (360, "dark", "en")}
    ),
]


@contextmanager
def started() -> Iterator["Browser"]:
    """Start the browser; where there is none a test is skipped with a word, and fails under CI."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright")
    if not Path(CHROMIUM).exists():
        _missing(CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def _missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI must look at the pages: apt-get install chromium, make setup-dev")
    pytest.skip(f"{what} is missing: the pages are not looked at in a browser")


@contextmanager
def opened(
    browser: "Browser", url: str, *, width: int = 1280, scheme: str = "light", language: str = "nl", quiet: bool = True
) -> Iterator["Page"]:
    """Open a page; at the end nothing may have been complained of."""
    dark = "dark" if scheme == "dark" else "light"
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=dark, locale=language)  # type: ignore[arg-type]
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    yield page
    context.close()
    if quiet:
        assert complaints == []


def look(page: "Page", path: str) -> None:
    """Assert that a page fits its window and that everybody can use it."""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} scrolls sideways"
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate(_RUN_AXE)
    assert result["n_passed"] > 10, "axe looked at next to nothing"
    found = result["violations"]
    said = [f"{v['id']}: {v['nodes'][0]['html'][:160]} {v['nodes'][0].get('failureSummary', '')}" for v in found]
    assert said == [], path
