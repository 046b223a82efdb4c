"""What a story's page says of the communities of those who speak: how much language and country explain of them."""

from pathlib import Path
from unicodedata import normalize

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace

from gehoor.core.alert import Alert, write_alert
from gehoor.core.clock import StillClock
from gehoor.core.reader import Reader
from gehoor.core.role import key_of
from gehoor.core.tables.community import community_member
from gehoor.run.stories import story_of
from gehoor.run.story_facts import facts_of
from gehoor.web.app import app_of
from tests.cast import NOON, Person
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing

MINUTE_US = 60_000_000
STORM = Alert(
    id="noordvlucht/posts/1", brand="noordvlucht", measure="posts", level=2, began_at=NOON - 30 * MINUTE_US,
    detected_at=NOON - 28 * MINUTE_US, n=40, expected=2.0, peak_per_minute=9.0, normal_per_minute=0.1,
    probability=0.999, n_people=40,
)  # fmt: skip
BORDER, MIXED, NOWHERE = ("Utrecht, Nederland", "Gent, België"), ("NL", "NL"), ("thuis", None)


def _storm(root: Path, places: tuple[str | None, str | None]) -> Hearing:
    """Return a workspace in which forty people of two communities speak, each community from its own place."""
    hearing = Hearing(root, BRANDS)
    people = [Person(actor=f"did:plc:{n}", name=f"P{n}", channel="bluesky", trait="one of many") for n in range(40)]
    hearing.hear(
        replace(one.says(f"Noordvlucht staat stil, rij {n}", after_s=-1_500 + 20 * n), place=places[n % 2])
        for n, one in enumerate(people)
    )
    rows = [
        {"actor_key": key_of(one.channel, one.actor), "community": n % 2, "participation": 0.0}
        for n, one in enumerate(people)
    ]
    with hearing.projector.engine.begin() as tx:
        write_alert(tx, STORM)
        tx.execute(community_member.insert(), rows)
    return hearing


@pytest.mark.parametrize(("places", "low", "high"), [(BORDER, 0.9, 1.0), (MIXED, 0.0, 0.05)])
def test_country_explains_communities_that_a_border_divides_and_no_others(
    tmp_path: Path, places: tuple[str, str], low: float, high: float
) -> None:
    hearing = _storm(tmp_path / "workspace", places)
    reader = Reader(hearing.root)
    story = story_of(reader, STORM.id, NOON)
    assert story is not None
    told = facts_of(reader, hearing.settings, story, NOON).by_country
    assert told is not None
    assert low <= told <= high
    reader.close()
    hearing.close()


@pytest.mark.parametrize(
    ("places", "language", "said"),
    [
        (BORDER, "nl", "Taal zegt er weinig over. Land verklaart 9"),
        (BORDER, "en", "Country explains 9"),
        (MIXED, "nl", "Land zegt er weinig over. Ze vinden elkaar om het onderwerp."),
        (MIXED, "en", "Country says little about it. They meet over the subject."),
        (NOWHERE, "nl", "te weinig van hen noemen het"),
        (NOWHERE, "en", "too few of them name it"),
    ],
)
def test_page_of_a_story_says_how_much_country_explains(
    tmp_path: Path, places: tuple[str | None, str | None], language: str, said: str
) -> None:
    hearing = _storm(tmp_path / "workspace", places)
    site = hearing.site(Deciding(hearing), StillClock(NOON))
    with TestClient(app_of(site), base_url="http://localhost") as client:
        page = client.get("/stories/noordvlucht~posts~1", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert said in normalize("NFKC", page.text)
    hearing.close()
