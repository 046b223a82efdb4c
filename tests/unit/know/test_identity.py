"""Keys that tell a person, and who shares them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.know.identity import MOST_SHARING, Identity, Key, Keys

SECRET = b"a secret of the organisation"
KEYS = st.lists(st.builds(Key, st.sampled_from(["mail", "customer", "phone"]), st.integers(-2, 2)), max_size=3)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("mail", "Jan.Jansen@Acme.example", "mailto:jan.jansen+nieuws@acme.example"),
        ("phone", "06-12345678", "+31 (0)6 1234 5678"),
        ("phone", "0032 470 12 34 56", "+32470123456"),
        ("customer", "nl-0017.4", "NL00174"),
        ("account", "https://mastodon.example/users/jan", " https://mastodon.example/users/jan"),
    ],
)
def test_two_spellings_of_one_thing_are_one_key(kind: str, one: str, other: str) -> None:
    keys = Keys(SECRET)
    assert keys.keys_of({kind: one}) == keys.keys_of({kind: other}) != []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("mail", "jan at acme"),
        ("mail", "noreply@acme.example"),
        ("phone", "12"),
        ("phone", "geheim"),
        ("customer", "-"),
    ],
)
def test_what_tells_nobody_is_no_key(kind: str, text: str) -> None:
    assert Keys(SECRET).keys_of({kind: text}) == []


def test_digest_depends_on_the_secret_and_the_kind() -> None:
    record: dict[str, str | None] = {"account": "jan@acme.example", "mail": "jan@acme.example"}
    ours, theirs = Keys(SECRET).keys_of(record), Keys(SECRET + b"!").keys_of(record)
    assert len({key.digest for key in (*ours, *theirs)}) == 4


def test_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Keys(b"short")


def test_phone_of_a_town_joins_nobody_and_that_of_a_few_does_again() -> None:
    found, phone = Identity(), Key("phone", 7)
    for record in range(MOST_SHARING["phone"] + 1):
        found.add(record, [phone])
    assert found.records(0) == [0]
    assert found.weak() == [phone]
    found.remove(1)
    assert found.records(0) == [0, 2, 3, 4]
    assert found.weak() == []


def test_merge_is_explained_by_the_records_and_keys_between() -> None:
    found = Identity()
    mail, customer = Key("mail", 1), Key("customer", 1)
    found.add(1, [mail])
    found.add(2, [mail, customer])
    found.add(3, [customer])
    assert found.why(1, 3) == [(1, mail), (2, mail), (2, customer), (3, customer)]
    found.keep_apart(1, 3)
    assert found.why(1, 3) == []
    assert found.records(2) == [1, 2]
    found.allow(1, 3)
    assert found.records(2) == [1, 2, 3]


@given(st.lists(st.tuples(st.integers(0, 8), KEYS), max_size=20), st.integers(0, 8))
def test_record_that_is_forgotten_leaves_what_there_would_be_without_it(
    told: list[tuple[int, list[Key]]], gone: int
) -> None:
    last = {record: at for at, (record, _) in enumerate(told)}
    found, never = Identity(), Identity()
    for record, keys in told:
        found.add(record, keys)
    for at, (record, keys) in enumerate(told):
        if last[record] == at and record != gone:
            never.add(record, keys)
    found.remove(gone)
    assert [found.records(record) for record in range(9)] == [never.records(record) for record in range(9)]
    assert set(found.weak()) == set(never.weak())
    assert set(found.found) == set(never.found)
