"""The documentation as a site: it is whole, its examples work, and whoever reads it is told on to nobody."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gehoor.core.record import LEDGER
from gehoor.listen.webhook import signature_of
from gehoor.run.annotate import COLUMNS
from tests.cast import CRITIC, FAN, NOON
from tests.component.hearing import Hearing
from tools import docs_reference, docs_site, docs_words

ROOT = Path(__file__).parents[2]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def _block(page: str, language: str) -> str:
    """Return the first block of a language on a page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.search(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site, built as `make docs` builds it: every warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr[-4_000:]
    return folder


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 25
    loaded = re.compile(r"<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^\s>]+")
    found = {page.name: hits for page in pages if (hits := loaded.findall(page.read_text(encoding="utf-8")))}
    assert not found


def test_the_reference_holds_what_the_code_has(site: Path) -> None:
    def read(name: str) -> str:
        return (site / "reference" / name).read_text(encoding="utf-8")

    assert "gehoor annotate" in read("commands.html")
    assert "false_alarms_per_week" in read("settings.html")
    assert "duplicate_of" in read("history.html")
    assert "/v1/activities" in read("http.html")
    assert "cpu_us_per_post" in read("figures.html")
    assert "<!-- generated:" not in "".join(page.read_text(encoding="utf-8") for page in site.rglob("*.html"))


def test_links_lead_where_they_say_in_the_repository_and_in_the_site() -> None:
    assert doctest.testmod(docs_site).failed == 0


def test_each_setting_and_column_is_explained_and_nothing_else() -> None:
    for name, table in docs_reference.TABLES.items():
        assert set(docs_words.SETTINGS[name]) == set(table.__struct_fields__), name
    assert set(docs_words.COLUMNS) == set(LEDGER.names) | set(COLUMNS.names)


def test_who_checks_a_webhook_as_the_page_says_takes_ours_and_no_other() -> None:
    known: dict[str, Any] = {}
    exec(_block("how-to/senders.md", "python"), known)
    is_ours = known["is_ours"]
    at = int(known["time"].time())
    body = b'{"type": "test"}'
    headers = {
        "webhook-id": "test:1",
        "webhook-timestamp": str(at),
        "webhook-signature": signature_of(SECRET, "test:1", at, body),
    }
    assert is_ours(SECRET, headers, body)
    assert not is_ours(SECRET, headers, body + b" ")
    assert not is_ours(SECRET, headers | {"webhook-timestamp": str(at - 301)}, body)


def test_the_question_to_the_history_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hearing = Hearing(tmp_path / "workspace")
    hearing.hear([CRITIC.says("Schandalig, mijn koffer is weg"), FAN.says("Fijne vlucht gehad, dank je wel")], NOON)
    hearing.close()
    monkeypatch.chdir(hearing.root)
    rows = duckdb.connect().execute(_block("how-to/history.md", "sql")).fetchall()
    assert sum(n for _, _, n in rows) == 2
    assert str(rows[0][0]) == "2026-04-14"
