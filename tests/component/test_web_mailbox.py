"""A mailbox is set up on the page: in words of its own, and its password never shown again."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.web.app import app_of
from tests.component.hearing import BRANDS, Hearing
from tests.component.settling import Settling

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

NEW = "/settings/sources/new?kind=mail"


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", BRANDS)
    yield hearing
    hearing.close()
    hearing.ledger.close()


@pytest.fixture
def pages(hearing: Hearing, clock: StillClock) -> Iterator[TestClient[Litestar]]:
    with TestClient(app_of(hearing.site(Settling(hearing), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def test_a_mailbox_is_asked_for_in_words_of_its_own(pages: TestClient[Litestar]) -> None:
    assert "What people mail you" in pages.get("/settings").text
    page = pages.get(NEW).text
    assert "Add a mailbox" in page
    assert "Such as imap.yourcompany.com" in page


def test_a_mailbox_is_kept_and_its_password_is_not_shown(hearing: Hearing, pages: TestClient[Litestar]) -> None:
    found = re.search(r'name="digest" value="(\w+)"', pages.get(NEW).text)
    assert found
    typed = {"digest": found[1], "do": "save", "host": "127.0.0.1", "user": "desk", "password": "geheim woord"}
    typed |= {"folders": "INBOX\r\nSent", "ours": "@acme.example"}
    pages.post(NEW, data=typed, headers={"Origin": "http://localhost"})
    known = tomllib.loads((hearing.root / "gehoor.toml").read_text())["sources"]
    (name,) = known
    assert known[name]["folders"] == ["INBOX", "Sent"]
    assert known[name]["password"] == "geheim woord"
    assert "geheim woord" not in pages.get(f"/settings/sources/{name}").text
