"""A post too short to tell its language takes its author's, found by it too; the same after a kill."""

from pathlib import Path

import pytest

from gehoor.core.forget import forget
from gehoor.core.ledger.habit import HABIT_P
from gehoor.core.record import Activity
from tests.cast import HOPPER, LOYAL, NOON, Person
from tests.component.keeping import Keeping

_DUTCH = (
    "Mijn koffer ligt nog in Oslo en ik sta al drie dagen in Bergen.",
    "Waar blijft mijn geld? Ik heb al drie weken niets gehoord van jullie.",
    "Vandaag was de bus weer op tijd, dat mag ook eens gezegd worden.",
    "De mevrouw aan de balie heeft mij heel vriendelijk geholpen, bedankt.",
    "Kunnen jullie vertellen wanneer de volgende vlucht naar Bergen vertrekt?",
)
_POLISH = "Gdzie jest moja walizka? Czekam na lotnisku już trzeci dzień i nikt mi nic nie mówi."
_THEN = pytest.mark.parametrize("then", ["go on", "restart", "kill"])


def _says(person: Person, *texts: str, first: int = 0) -> list[Activity]:
    return [person.says(text, id=f"{person.name}{first + n}", after_s=first + n) for n, text in enumerate(texts)]


@pytest.fixture
def keeping(workspace: Path) -> Keeping:
    """A workspace that heard two people, one of whom always writes Dutch."""
    keeping = Keeping(workspace)
    keeping.hear(_says(LOYAL, *_DUTCH))
    keeping.hear(_says(HOPPER, *_DUTCH[:2]))
    return keeping


def _language_of(keeping: Keeping, id_: str) -> tuple[str, float]:
    [(language, p)] = keeping.rows("language, language_p", f"id = '{id_}'")
    return language, round(p, 2)


def _then(keeping: Keeping, then: str) -> None:
    if then != "go on":
        (keeping.kill if then == "kill" else keeping.restart)()


@_THEN
def test_a_short_post_takes_its_authors_language(keeping: Keeping, then: str) -> None:
    _then(keeping, then)
    keeping.hear(_says(LOYAL, "ok 👍", first=10) + _says(HOPPER, "ok 👍", first=10))
    assert _language_of(keeping, f"{LOYAL.name}10") == ("nl", HABIT_P)
    assert _language_of(keeping, f"{HOPPER.name}10") == ("und", 0.0)
    assert {post.id for post in keeping.posts(language="nl", words="ok")} == {f"{LOYAL.name}10"}
    assert {post.id for post in keeping.posts(language="und")} == {f"{HOPPER.name}10"}


def test_a_long_post_in_another_language_stays_in_it(keeping: Keeping) -> None:
    keeping.hear(_says(LOYAL, _POLISH, first=10))
    assert _language_of(keeping, f"{LOYAL.name}10")[0] == "und"


@_THEN
def test_what_was_deleted_is_no_habit_any_more(keeping: Keeping, then: str) -> None:
    keeping.hear([LOYAL.deletes(_says(LOYAL, *_DUTCH)[0], after_s=60)])
    _then(keeping, then)
    keeping.hear(_says(LOYAL, "ok 👍", first=70))
    assert _language_of(keeping, f"{LOYAL.name}70")[0] == "und"


@_THEN
def test_nobody_has_a_habit_after_being_forgotten(keeping: Keeping, then: str) -> None:
    forget(keeping.root, keeping.projector, LOYAL.channel, LOYAL.actor, NOON + 60_000_000)
    _then(keeping, then)
    keeping.hear(_says(LOYAL, "ok 👍", first=70))
    assert _language_of(keeping, f"{LOYAL.name}70")[0] == "und"
    blobs = [row[0] for segment in keeping.ledger.segments.all for row in segment.query("SELECT actor_keys FROM block")]
    [(key,)] = set(keeping.rows("actor_key", f"id = '{LOYAL.name}70'"))
    assert b"".join(blobs).count(int(key).to_bytes(8, "little", signed=True)) == 1
