"""A workspace that keeps no profiles, as public bodies must: it knows nobody, and does all the rest."""

import re
from html import unescape
from pathlib import Path

import pytest
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.member import YOU
from gehoor.web.app import app_of
from tests.cast import BUYER
from tests.component.awaiting import DESK, desk_of, waiting

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

_OF_PERSONS = ("person", "person_actor", "person_name", "person_edge", "person_value", "person_loyalty")
_OFF = "No profile is kept of anybody."


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_without_profiles_nobody_is_known_and_desk_posts_alerts_and_mirror_go_on(
    tmp_path: Path, clock: StillClock
) -> None:
    with waiting(tmp_path, f"{DESK}\n[know]\nprofiles = false\n") as (hearing, owner):
        hearing.hear([BUYER.buys("1", 10.0)])
        conversation = desk_of(hearing).conversation(1, YOU)
        assert conversation is not None, "who asks waits for an answer"
        with TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as pages:
            pages.headers["Accept-Language"] = "en"
            for path in ("/", "/posts", "/stories", "/alerts", "/mirror", "/quality", "/inbox", "/inbox/1"):
                assert pages.get(path).status_code == 200, path
            assert "Waar blijft mijn koffer?" in _text(pages.get("/inbox/1").text)
            said = {"/people": "Profiles are switched off", "/loyalty": _OFF, "/segments": _OFF}
            assert {path: words for path, words in said.items() if words not in _text(pages.get(path).text)} == {}
            noted = pages.post("/inbox/1/note", data={"text": "Zoek de koffer"}, headers={"Origin": "http://localhost"})
            assert noted.status_code == 200
            assert "Zoek de koffer" in _text(pages.get("/inbox/1").text)
        with hearing.projector.engine.begin() as tx:
            kept = {name: tx.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in _OF_PERSONS}
        assert set(kept.values()) == {0}, kept
