"""Who writes us who else they are: asked of the desk's person, and nobody is linked unless that person says yes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.person_reader import PersonReader, name_of_person
from gehoor.core.reader import Reader
from gehoor.core.record import Activity, digest
from gehoor.run.linking_night import link_people
from gehoor.run.named_ties import named_by
from gehoor.web.app import app_of
from gehoor.web.proposed import Proposed, pairs_proposed, proposed_of
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.knowing import identifies

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

_MAIL, _FEDI = "mail:saar@mail.example", "https://toot.example/users/saar"
_DAYS_US = 86_400_000_000


def _mail(text: str, number: int = 1) -> Activity:
    return Activity(id=f"mail-{number}", published=NOON, received=NOON, channel="mail", visibility="direct",
                    actor=_MAIL, actor_name="Saar", text=text)  # fmt: skip


@pytest.fixture
def hearing(workspace: Path) -> Iterator[Hearing]:
    """A customer, somebody on the fediverse, and a mail of who may be both."""
    hearing = Hearing(workspace)
    hearing.hear(
        [
            identifies("shop-12", customer_number="A-1702", name="Saar de Vries"),
            Activity(
                id="toot",
                published=NOON,
                received=NOON,
                channel="mastodon",
                actor=_FEDI,
                actor_name="saartje",
                text="Mooi weer, klantnummer A-1702",
            ),
            _mail("Mijn klantnummer is A-1702 en ik ben @saar@toot.example. Waar is mijn koffer?"),
        ]
    )
    yield hearing
    hearing.close()


def _proposed(hearing: Hearing, now: int = NOON) -> dict[str, Proposed]:
    found = proposed_of(Reader(hearing.root), [digest("mail", _MAIL)], now, hearing.root)
    return {one.actor: one for one in found}


def _act(owner: Deciding, act: str, other: tuple[str, str], **more: Any) -> Any:
    who = {"who": {"id": _MAIL, "channel": "mail"}, "other": {"channel": other[0], "id": other[1]}}
    return asyncio.run(owner.call("person", act=act, arguments=who | more, said_by="you"))


def _kept(hearing: Hearing) -> dict[str, int]:
    return {account.actor: account.person for account in PersonReader(Reader(hearing.root)).accounts()}


def test_a_mail_that_names_a_customer_number_and_an_account_proposes_both_and_links_neither(hearing: Hearing) -> None:
    found = _proposed(hearing)
    assert {name: one.told for name, one in found.items()} == {"shop-12": "customer", _FEDI: "account"}
    assert "klantnummer is A-1702" in found["shop-12"].quote
    assert found["shop-12"].p is None
    kept = _kept(hearing)
    assert kept.keys() == {"shop-12", _MAIL}, "of a public account no profile begins because somebody names it"
    assert kept["shop-12"] != kept[_MAIL]


def test_what_is_said_in_public_proposes_nobody(hearing: Hearing) -> None:
    assert named_by(Reader(hearing.root), hearing.root, [digest("mastodon", _FEDI)], NOON) == []


def test_yes_links_no_keeps_apart_later_waits_a_month_and_each_is_taken_back(hearing: Hearing) -> None:
    owner = Deciding(hearing)
    _act(owner, "apart", ("mastodon", _FEDI))
    assert set(_proposed(hearing)) == {"shop-12"}
    assert _FEDI not in _kept(hearing)
    _act(owner, "apart", ("mastodon", _FEDI), undo=True)
    _act(owner, "later", ("shop", "shop-12"))
    asyncio.run(link_people(owner))  # type: ignore[arg-type]  # it is the part of an owner that is asked
    assert set(_proposed(hearing)) == {_FEDI}
    assert set(_proposed(hearing, NOON + 31 * _DAYS_US)) == {"shop-12", _FEDI}
    _act(owner, "later", ("shop", "shop-12"), undo=True)
    _act(owner, "merge", ("shop", "shop-12"))
    _act(owner, "merge", ("mastodon", _FEDI))
    assert len(set(_kept(hearing).values())) == 1
    assert _proposed(hearing) == {}
    _act(owner, "merge", ("shop", "shop-12"), undo=True)
    assert set(_proposed(hearing)) == {"shop-12"}


def test_all_that_is_proposed_stands_on_one_page_where_it_is_decided_and_taken_back(hearing: Hearing) -> None:
    pairs = pairs_proposed(Reader(hearing.root), hearing.root, NOON)
    assert {(pair.name, pair.other.name, bool(pair.other_id)) for pair in pairs} == {
        ("Saar", "shop-12", True), ("Saar", "saartje", False),
    }  # fmt: skip
    me = name_of_person(_kept(hearing)[_MAIL])
    site = app_of(hearing.site(Deciding(hearing), StillClock(NOON)))
    with TestClient(site, base_url="http://localhost") as client:
        page = client.get("/people/proposed").text
        assert f'action="/people/{me}/same"' in page
        form = {"actor": "shop-12", "channel": "shop", "called": "shop-12", "back": "/people/proposed"}
        answer = client.post(f"/people/{me}/same", data=form, headers={"Origin": "http://localhost"})
        assert answer.url.path == "/people/proposed"
        assert "shop-12 is dezelfde mens" in answer.text
        assert 'name="back" value="/people/proposed"' in answer.text
    assert [look.act for look in PersonReader(Reader(hearing.root)).looks()][:2] == ["merge", "saw_proposed"]
