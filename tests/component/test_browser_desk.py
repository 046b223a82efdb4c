"""What stands round the inbox, in a real browser: canned replies, who was helped, the survey, and what is not there."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
import sqlalchemy as sa

from gehoor.core.clock import StillClock
from gehoor.core.tables.desk import desk_survey
from gehoor.run.desk_survey import digest_of
from tests.cast import LOYAL, NOON
from tests.component.awaiting import said, waiting
from tests.component.browsing import LOOKS, look, opened
from tests.component.serving import Serving
from tests.component.teaming import Team

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
TOKEN = "a" * 22


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_use_what_stands_round_the_inbox(
    browser: "Browser", tmp_path: Path, width: int, scheme: str, language: str
) -> None:
    with waiting(tmp_path) as (hearing, owner), Serving(hearing, StillClock(NOON), owner=owner) as running:
        answer = LOYAL.says("We zoeken het uit.", id="a1", to="q1", after_s=-900)
        hearing.hear([msgspec.structs.replace(answer, actor="noordvlucht", direction="out")])
        said(owner, "snippet", name="excuus", language="nl", text="Wat vervelend, {naam}.")
        asked = {"token": digest_of(TOKEN), "asked_at": NOON, "answered_at": NOON, "score": 4, "words": "Top"}
        with hearing.projector.engine.begin() as tx:
            tx.execute(sa.insert(desk_survey).values(conversation=1, **asked))
        look_at = {"width": width, "scheme": scheme, "language": language}
        with opened(browser, running.url, quiet=False, **look_at) as page:  # type: ignore[arg-type]  # as named above
            for path in ("/snippets", "/snippets?change=1", "/desk/report", f"/s/{TOKEN}", "/nowhere"):
                page.goto(running.url + path)
                assert page.locator("h1").count() == 1, path
                look(page, path)


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_use_what_is_of_the_team(
    browser: "Browser", tmp_path: Path, width: int, scheme: str, language: str
) -> None:
    with waiting(tmp_path) as (hearing, owner), Serving(hearing, StillClock(NOON), owner=owner) as running:
        team = Team(owner)
        jan = team.add("Jan", ("agent",), "baggage")
        token = team.cookie(team.admin)["cookie"].removeprefix("session=")
        look_at = {"width": width, "scheme": scheme, "language": language}
        with opened(browser, f"{running.url}/login", quiet=False, **look_at) as page:  # type: ignore[arg-type]  # as above
            look(page, "/login")
            page.context.add_cookies([{"name": "session", "value": token, "url": running.url}])
            for path in ("/me", "/team", f"/team/{jan.id}", "/audit", "/inbox/1"):
                page.goto(running.url + path)
                assert page.locator("h1").count() >= 1, path
                page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true })")
                look(page, path)
