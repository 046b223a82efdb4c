"""What people write of who they are elsewhere is found; what only looks like it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.know.named import named_in


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Mijn klantnummer is A-1702.", "customer", "A-1702"),
        ("Customer no. 88121, please hurry", "customer", "88121"),
        ("klant-nr: 77/12b", "customer", "77/12b"),
        ("Ik bestelde met jan.smit@mail.example, toch?", "mail", "jan.smit@mail.example"),
        ("Bel me op 06 12 34 56 78", "phone", "06 12 34 56 78"),
        ("Ook als @saar@toot.example te vinden", "account", "https://toot.example/users/saar"),
        ("zie https://toot.example/@saar", "account", "https://toot.example/users/saar"),
        ("zie https://bsky.app/profile/did:plc:abc234xyz", "account", "did:plc:abc234xyz"),
    ],
)
def test_a_number_an_address_and_an_account_are_found_with_the_words_around_them(
    text: str, kind: str, value: str
) -> None:
    [found] = named_in(text)
    assert (found.kind, found.values[0]) == (kind, value)
    assert value.rpartition("/")[2].rpartition(":")[2] in found.quote


@pytest.mark.parametrize(
    "text",
    ["Mijn account is weg", "Ik ben mijn klantnummer kwijt", "Vlucht KL1234 van 12-03-2026, 10:45", "Bestelling 12345",
     "@gehoor help", "voor @jan en @piet"],
)  # fmt: skip
def test_what_names_nobody_is_not_found(text: str) -> None:
    assert named_in(text) == []


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    assert len(named_in(text)) <= 20
