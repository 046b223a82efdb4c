"""Who somebody is: as a person said, as a list says, by words in a name, by what they did and said before."""

import pytest

from gehoor.core.clock import SECOND_US
from gehoor.core.forget import forget
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.core.role import key_of, say_role
from gehoor.warn.roles import Person, RoleBook
from tests.cast import CRITIC, FAN, LOYAL, NOON
from tests.component.hearing import BRANDS, Hearing

ROLES = '[roles]\npress = ["@nu_nl", "mastodon/streekbode"]\ncompetitor = ["Zuidvlucht"]\n'


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Hearing:
    """A workspace that heard some people for a while."""
    hearing = Hearing(tmp_path_factory.mktemp("roles") / "workspace", BRANDS + ROLES)
    angry = [
        "Slechte service van Noordvlucht",
        "Noordvlucht is waardeloos, nooit meer",
        "Vreselijk Noordvlucht",
    ]
    happy = [
        "Fijne vlucht met Noordvlucht",
        "Noordvlucht is top, dank je wel",
        "Heerlijk gevlogen Noordvlucht",
    ]
    hearing.hear(CRITIC.says(f"{angry[n % 3]} {n}", after_s=-9_000 + n) for n in range(9))
    hearing.hear(FAN.says(f"{happy[n % 3]} {n}", after_s=-9_000 + n) for n in range(9))
    order = Activity(
        id="order", type="Track", event="Order Completed", channel=LOYAL.channel, actor=LOYAL.actor,
        published=NOON - 9_000 * SECOND_US, received=NOON - 9_000 * SECOND_US, value=99.0, currency="EUR",
    )  # fmt: skip
    hearing.hear([order])
    return hearing


def _role(hearing: Hearing, channel: str, actor: str, name: str | None = None) -> str | None:
    person = Person(channel, actor, name)
    return RoleBook(Reader(hearing.root), hearing.settings).roles([person], "noordvlucht", NOON).get(person)


@pytest.mark.parametrize(
    ("channel", "name", "role"),
    [
        ("bluesky", "nu_nl", "press"), ("mastodon", "Streekbode", "press"), ("bluesky", "Streekbode", None),
        ("bluesky", "Zuidvlucht", "competitor"), ("mastodon", "De Stadskrant", "press"),
        ("mastodon", "Gemeente Utrecht", "official"), ("mastodon", "Politie Noord", "official"),
        ("mastodon", "Jan, medewerker Noordvlucht", "staff"), ("mastodon", "Jan, medewerker bakkerij", None),
        ("mastodon", "Anna Vreugdenhil", None), ("mastodon", "Politieke Piet", None), ("mastodon", None, None),
    ],
)  # fmt: skip
def test_lists_and_words_in_a_name_say_who_somebody_is(
    hearing: Hearing, channel: str, name: str | None, role: str | None
) -> None:
    assert _role(hearing, channel, "somebody", name) == role


def test_what_people_did_and_said_before_says_who_they_are(hearing: Hearing) -> None:
    assert LOYAL.actor is not None
    assert _role(hearing, LOYAL.channel, LOYAL.actor, LOYAL.name) == "customer"
    assert _role(hearing, CRITIC.channel, CRITIC.actor) == "critic"
    assert _role(hearing, FAN.channel, FAN.actor) == "fan"


def test_what_a_person_said_goes_first_and_goes_when_somebody_is_forgotten(hearing: Hearing) -> None:
    key = key_of(CRITIC.channel, CRITIC.actor)
    with hearing.projector.engine.begin() as tx:
        say_role(tx, key, "staff", NOON)
    assert _role(hearing, CRITIC.channel, CRITIC.actor) == "staff"
    with hearing.projector.engine.begin() as tx:
        say_role(tx, key, "", NOON)
    assert _role(hearing, CRITIC.channel, CRITIC.actor) is None
    forget(hearing.root, hearing.projector, CRITIC.channel, CRITIC.actor, NOON)
    with hearing.projector.engine.begin() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM role").scalar() == 0
