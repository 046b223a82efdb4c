"""Posts of one campaign are known by its first, spam together, and the same after a kill."""

from pathlib import Path

import pytest

from gehoor.core.record import Activity
from tests.cast import ECHO, FAN, HOPPER, LOYAL, SPAMMER, Person
from tests.component.keeping import Keeping

_LURE = "Hoi {}, haal je prijs van {} euro op bij https://{}.example/{} voor het te laat is"
_PLAIN = "Hoi {}, de trein van {} uur rijdt vandaag weer niet verder dan Zwolle"
_THEN = pytest.mark.parametrize("then", ["go on", "restart", "kill"])
_PEOPLE = (SPAMMER, HOPPER, ECHO, LOYAL, FAN)


def _made(mould: str, n: int, first: int = 0) -> list[Activity]:
    """Return posts that one template made, each by somebody else."""
    names = ("Sanne", "Bo", "Cas", "Daan", "Eva")
    return [_one(mould, first + k, _PEOPLE[(first + k) % 5], names[(first + k) % 5]) for k in range(n)]


def _one(mould: str, k: int, person: Person, name: str) -> Activity:
    return person.says(mould.format(name, 80 + 7 * k, name.lower() * 3, k), id=f"p{k}", after_s=k)


@pytest.fixture
def keeping(workspace: Path) -> Keeping:
    """A workspace that heard one template twice."""
    keeping = Keeping(workspace)
    keeping.hear(_made(_LURE, 1))
    keeping.hear(_made(_LURE, 1, first=1))
    return keeping


def _campaigns(keeping: Keeping) -> dict[str, str | None]:
    rows = keeping.rows("seq, id, campaign")
    ids = {seq: id_ for seq, id_, _ in rows}
    return {id_: ids.get(campaign) for _, id_, campaign in rows}


def _spam(keeping: Keeping) -> dict[str, str | None]:
    return dict(keeping.rows("id, spam"))


def _judge(keeping: Keeping, id_: str, spam: str | None) -> None:
    [(seq, before, p)] = keeping.rows("seq, spam, spam_p", f"id = '{id_}'")
    change = (seq, "annotate", {"spam": before, "spam_p": p}, {"spam": spam, "spam_p": None})
    keeping.projector.take(keeping.ledger.change([change]))


@_THEN
def test_what_one_template_made_has_one_campaign(keeping: Keeping, then: str) -> None:
    if then != "go on":
        (keeping.kill if then == "kill" else keeping.restart)()
    keeping.hear([*_made(_LURE, 3, first=2), FAN.says("Iets heel anders over het weer van vandaag in Bergen", id="x")])
    assert _campaigns(keeping) == {"p0": None, "p1": "p0", "p2": "p0", "p3": "p0", "p4": "p0", "x": None}


def test_a_copy_is_in_the_campaign_of_its_original(keeping: Keeping) -> None:
    text = _LURE.format("Bo", 87, "bobobo", 1)
    keeping.hear([LOYAL.says(text + "!", id="copy", after_s=50), FAN.says(text + "!!", id="again", after_s=51)])
    assert {_campaigns(keeping)[id_] for id_ in ("copy", "again")} == {"p0"}


@_THEN
def test_a_campaign_is_spam_as_its_first_post_is(keeping: Keeping, then: str) -> None:
    keeping.hear([one for one in _made(_PLAIN, 11, first=10) if one.id == "p10"])
    _judge(keeping, "p10", "person")
    if then != "go on":
        (keeping.kill if then == "kill" else keeping.restart)()
    keeping.hear(_made(_PLAIN, 3, first=11))
    assert {_spam(keeping)[f"p{n}"] for n in range(10, 14)} == {"person"}
    keeping.flush()
    counted = keeping.stored("SELECT kind, sum(n) FROM rollup WHERE resolution = 3600 AND brand = '' GROUP BY kind")
    assert dict(counted)["spam"] >= 4
    _judge(keeping, "p10", None)
    keeping.hear(_made(_PLAIN, 1, first=14))
    assert _spam(keeping)["p14"] is None


def test_found_by_what_it_took_and_not_by_what_it_was(keeping: Keeping) -> None:
    keeping.hear(_made(_PLAIN, 1, first=10))
    _judge(keeping, "p10", "person")
    keeping.hear(_made(_PLAIN, 1, first=11))
    assert "p11" in {post.id for post in keeping.posts(kind="spam")}
    assert "p11" not in {post.id for post in keeping.posts(kind="say")}
