"""What a post names and yet is not about, on pages: said in words, changed by one click, and measured in Settings."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.run.context_fit import fit_brand
from gehoor.run.stages import RowStages
from gehoor.web.app import app_of
from tests.cast import CRITIC, FAN
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.test_about import BEACH, FUEL

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

Pages = TestClient[Litestar]
_TOML = (
    '[brands.shell]\nterms = ["shell"]\nlabel = "Shell"\n[sources.cast]\ntype = "file"\npath = "a"\n'
    '[sources.all]\ntype = "file"\npath = "b"\nkeep = "brands"\n'
)
_WEB = {"Origin": "http://localhost"}
_ABOUT = {"column": "about/shell", "back": "/posts"}


class _Running(Deciding):
    """One that says how it does, as *Settings* asks."""

    def status(self) -> dict[str, object]:
        """Return that all is well."""
        return {"trouble": None}


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    """A workspace that heard of the company and of the sea."""
    hearing = Hearing(tmp_path / "workspace", _TOML)
    hearing.hear([FAN.says(text, id=f"f{n}", after_s=n) for n, text in enumerate(FUEL)])
    hearing.hear([CRITIC.says(text, id=f"b{n}", after_s=100 + n) for n, text in enumerate(BEACH)])
    yield hearing
    hearing.close()


@pytest.fixture
def pages(hearing: Hearing, clock: StillClock) -> Iterator[Pages]:
    """Its pages, in English."""
    with TestClient(app_of(hearing.site(_Running(hearing), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def test_one_click_takes_the_brand_off_says_so_and_is_taken_back(pages: Pages) -> None:
    seq = len(FUEL) + 1
    page = pages.post(f"/posts/{seq}/correct", data=_ABOUT | {"value": "no"}, headers=_WEB)
    assert "This is not about Shell." in _text(page.text)
    card = _text(pages.get(f"/posts?seq={seq}").text)
    assert "names Shell, but is not about it" in card
    assert "Is it about Shell?" in card
    assert str(len(FUEL) + len(BEACH) - 1) in _text(pages.get("/posts?brand=shell").text)
    page = pages.post(f"/posts/{seq}/correct", data=_ABOUT | {"value": "yes", "undo": "yes"}, headers=_WEB)
    assert "This is about Shell." in _text(page.text)
    assert "but is not about it" not in _text(pages.get(f"/posts?seq={seq}").text)


def test_what_a_head_turned_down_is_shown_with_how_sure_it_is_and_measured(hearing: Hearing, pages: Pages) -> None:
    assert "Does this brand also hear what means something else?" in _text(pages.get("/settings/brands/shell").text)
    for seq in range(1, len(FUEL) + len(BEACH) + 1):
        value = "yes" if seq <= len(FUEL) else "no"
        pages.post(f"/posts/{seq}/correct", data=_ABOUT | {"value": value}, headers=_WEB)
    fit_brand(hearing.root, "shell")
    hearing._stages = RowStages(hearing.settings)
    hearing.hear([CRITIC.says("My daughter found a white shell in the sand on the beach", id="x")], source="all")
    dropped = _text(pages.get("/posts/dropped").text)
    assert re.search(r"names Shell, but reads otherwise [789]\d%", dropped), dropped[300:900]
    assert "Learnt from 24 answers" in _text(pages.get("/settings/brands/shell").text)
