"""Who is new is shown the way once, and may look around first."""

from pathlib import Path

import pytest
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.web.app import app_of
from tests.component.hearing import BRANDS, Hearing
from tests.component.settling import Settling

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")


@pytest.mark.parametrize(("toml", "path"), [("", "/welcome"), (BRANDS, "/")])
def test_today_leads_who_is_new_to_the_welcome(tmp_path: Path, clock: StillClock, toml: str, path: str) -> None:
    hearing = Hearing(tmp_path / "workspace", toml)
    with TestClient(app_of(hearing.site(Settling(hearing), clock)), base_url="http://localhost") as pages:
        assert pages.get("/").url.path == path
        assert pages.get("/posts").url.path == "/posts"
        assert pages.post("/welcome/later", headers={"Origin": "http://localhost"}).url.path == "/"
        assert pages.get("/").url.path == "/"
    hearing.close()
    hearing.ledger.close()
