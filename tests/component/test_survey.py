"""Whether people were helped: who is asked, how often, what counts as an answer, and what is told of it."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from litestar.testing import TestClient

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.forget_desk import forget_desk
from gehoor.core.record import Activity
from gehoor.core.reply import Reply
from gehoor.run.calls import Calls
from gehoor.run.desk_satisfaction import said_in_words, satisfaction
from gehoor.run.desk_survey import Surveys
from gehoor.web.app import app_of
from gehoor.web.site import Site
from tests.cast import AGENT, HOPPER, NOON
from tests.component.desking import Desking

TOML = '[desk]\nsurveys = ["mastodon"]\n\n[web]\npublic_url = "https://care.example"\n\n'


def _direct(activity: Activity) -> Activity:
    return msgspec.structs.replace(activity, visibility="direct")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desking]:
    desk = Desking(tmp_path / "workspace", TOML)
    desk.hear(
        _direct(HOPPER.says("@noordvlucht Waar is mijn koffer?", id="h1", after_s=-900)),
        _direct(AGENT.says("Gevonden.", id="a1", to="h1", after_s=-600)),
    )
    yield desk
    desk.close()


def _round(desk: Desking) -> int:
    return asyncio.run(Surveys(desk.place).round())


def _asked(desk: Desking) -> list[Reply]:
    rows = desk.stored("SELECT payload FROM outbox WHERE key LIKE 'survey/%'")
    return [msgspec.json.decode(row[0], type=Reply) for row in rows]


def _link(desk: Desking) -> str:
    found = re.search(r"https://care\.example(/s/[\w-]+)", _asked(desk)[-1].text)
    assert found is not None
    return found[1]


def _says(desk: Desking, score: int, words: str = "") -> object:
    told = {"token": _link(desk).removeprefix("/s/"), "score": score, "words": words}
    return asyncio.run(Calls(desk.place).handle("survey", told))


def _resolve(desk: Desking, conversation: int = 1) -> None:
    desk.do("status", conversation=conversation, status="resolved")
    desk.clock.advance(3_600)


def test_who_was_helped_in_private_is_asked_once_a_while_after(desk: Desking) -> None:
    desk.do("status", conversation=1, status="resolved")
    assert _round(desk) == 0
    desk.clock.advance(3_600)
    assert (_round(desk), _round(desk)) == (1, 0)
    (asked,) = _asked(desk)
    assert (asked.to, asked.visibility, asked.text.count("/s/")) == ("h1", "direct", 5)
    token = _link(desk).removeprefix("/s/")
    kept = b"".join(path.read_bytes() for path in desk.place.root.glob("ledger.sqlite*"))
    assert token.encode() in kept  # in what waits to be sent, and nowhere else
    assert desk.stored(f"SELECT count(*) FROM desk_survey WHERE token LIKE '%{token}%'") == [(0,)]


def test_one_person_is_asked_once_in_thirty_days_whatever_else_is_resolved(desk: Desking) -> None:
    _resolve(desk)
    _round(desk)
    desk.hear(
        _direct(HOPPER.says("@noordvlucht En mijn geld?", id="h2", after_s=40 * 86_400)),
        _direct(AGENT.says("Onderweg.", id="a2", to="h2", after_s=40 * 86_400 + 60)),
    )
    second = desk.stored("SELECT id FROM conversation WHERE id > 1 OR n_in > 1")[0][0]
    _resolve(desk, second)
    assert _round(desk) == 0
    desk.clock.advance(31 * 86_400)
    _resolve(desk, second)
    assert _round(desk) == 1


def test_nobody_is_asked_in_public(tmp_path: Path) -> None:
    desk = Desking(tmp_path / "workspace", TOML)
    desk.hear(
        HOPPER.says("@noordvlucht Waar is mijn koffer?", id="h1", after_s=-900),
        AGENT.says("Gevonden.", id="a1", to="h1", after_s=-600),
    )
    _resolve(desk)
    assert _round(desk) == 0
    desk.close()


def test_what_was_opened_again_is_not_asked_about(desk: Desking) -> None:
    desk.do("status", conversation=1, status="resolved")
    desk.do("status", conversation=1, status="open")
    desk.clock.advance(3_600)
    assert _round(desk) == 0


def test_by_default_nobody_is_asked(tmp_path: Path) -> None:
    desk = Desking(tmp_path / "workspace")
    desk.hear(
        _direct(HOPPER.says("@noordvlucht Waar is mijn koffer?", id="h1", after_s=-900)),
        _direct(AGENT.says("Gevonden.", id="a1", to="h1", after_s=-600)),
    )
    _resolve(desk)
    assert _round(desk) == 0
    desk.close()


class _Here:
    """The owner, as pages call it."""

    def __init__(self, desk: Desking) -> None:
        self._desk = desk

    async def call(self, op: str, **arguments: object) -> object:
        return await Calls(self._desk.place).handle(op, arguments)


def test_a_scanner_that_opens_every_link_says_nothing_and_a_person_does(desk: Desking) -> None:
    _resolve(desk)
    _round(desk)
    site = Site(desk.place.settings, desk.reader, _Here(desk), desk.clock)  # type: ignore[arg-type]  # what pages call
    link = _link(desk)
    with TestClient(app_of(site), base_url="http://localhost") as pages:
        pages.headers.update({"Accept-Language": "nl", "Origin": "http://localhost"})
        for score in range(1, 6):
            html = pages.get(f"{link}?score={score}").text
            assert html.count("checked") == 1
            pages.head(f"{link}?score={score}")
        assert desk.stored("SELECT score, answered_at FROM desk_survey") == [(None, None)]
        assert pages.post(link, data={"score": "9"}).status_code == 400
        assert pages.post(link, data={"score": "2", "words": "<b>Traag</b>"}).status_code == 200
        assert "Dank je wel" in pages.post(link, data={"score": "4", "words": "<b>Traag</b>"}).text
        assert "&lt;b&gt;Traag" in pages.get(link).text
        for strange in ("/s/x", "/s/" + "a" * 22, "/s/%00", link + "x"):
            assert pages.get(strange).status_code == 404
            assert pages.post(strange, data={"score": "4"}).status_code == 404
        desk.clock.advance(61 * 86_400)
        assert pages.get(link).status_code == 404
    assert desk.stored("SELECT score, words FROM desk_survey") == [(4, "<b>Traag</b>")]


def test_figures_tell_of_needs_and_channels_and_never_of_members(desk: Desking) -> None:
    _resolve(desk)
    _round(desk)
    with pytest.raises(SettingError, match="1 to 5"):
        _says(desk, 6)
    _says(desk, 5, "Fijn")
    (told,) = satisfaction(desk.reader, 0, NOON + DAY_US, NOON + DAY_US)
    assert (told.n, told.n_asked, told.satisfied.n_right, told.satisfied.n, told.came_back.n_right) == (1, 1, 1, 1, 0)
    (mastodon,) = satisfaction(desk.reader, 0, NOON + DAY_US, NOON + DAY_US, "channel")
    assert mastodon.name == "mastodon"
    assert said_in_words(desk.reader, 0, NOON + DAY_US) == [(1, 5, "Fijn")]
    assert "said_by" not in msgspec.json.encode(told).decode()
    desk.hear(_direct(HOPPER.says("Toch niet, hij is kapot, slecht.", id="h3", to="a1", after_s=9_000)))
    (told,) = satisfaction(desk.reader, 0, NOON + DAY_US, NOON + DAY_US)
    assert (told.came_back.n_right, told.sounds_well.n_right, told.sounds_well.n) == (1, 0, 1)


def test_who_is_forgotten_is_not_asked_any_more(desk: Desking) -> None:
    _resolve(desk)
    _round(desk)
    with desk.place.projector.engine.begin() as tx:
        forget_desk(tx, 0, [1])
    assert (_asked(desk), desk.stored("SELECT count(*) FROM desk_survey")) == ([], [(0,)])
