"""What was one customer's own never goes to another."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.answer.private import BLANK, Ours, without_private

_OURS = "we zoeken het uit en mailen je koffer is onderweg met de you your have sent it order was found spoke with for"
COMMON = Ours(ordinary=frozenset(re.findall(r"\w+", _OURS)))

NASTY = {
    "mail": ("We mailen naar sandra.k+tag@mail.example.com.", "sandra.k"),
    "mail in wide letters": ("We mailen naar ｓａｎｄｒａ＠example.com.", "sandra@"),
    "mail with a letter hidden": ("We mailen naar san\u200bdra@example.com.", "sandra@"),
    "phone": ("Bel 06 12 34 56 78.", "34"),
    "phone abroad": ("Call +31 (0)20-123 45 67.", "123"),
    "phone in Arabic digits": ("Bel ٠٦١٢٣٤٥٦٧٨.", "١٢"),
    "IBAN": ("Naar NL91 ABNA 0417 1643 00.", "ABNA"),
    "IBAN in small letters": ("Naar nl91abna0417164300.", "0417"),
    "order": ("Je order #AB-12345 is onderweg.", "12345"),
    "order of letters and digits": ("Booking K7XQ2P was found.", "K7XQ2P"),
    "amount": ("You have € 1.245,50 left.", "245"),
    "date": ("Het is 12/03/2024 om 14:30.", "14:30"),
    "address": ("Naar Kerkstraat 12, 1234 AB.", "Kerkstraat"),
    "name after a title": ("Dear Mr. O'Brien, it was found.", "Brien"),
    "name of several words": ("Hi Jan de Vries! It was found.", "Vries"),
    "name without a capital": ("hoi sandra, je koffer is onderweg", "sandra"),
    "name in the middle": ("We spoke with Piet.", "Piet"),
    "name as a call": ("Piet, your order was found.", "Piet"),
    "name at the end": ("It was found, Piet!", "Piet"),
    "who signed": ("It was found.\nKind regards,\nAnna Bakker\nCare team", "Bakker"),
    "initials": ("It was found. ^AB", "AB"),
    "handle": ("@sandra_k it was found", "sandra"),
    "handle of a server": ("Send it to @sandra@social.example", "sandra"),
    "link of one customer": ("See https://x.example/t?c=998877", "998877"),
}


@pytest.mark.parametrize("case", NASTY)
def test_what_is_private_does_not_stay(case: str) -> None:
    text, private = NASTY[case]
    assert private not in without_private(text, None, COMMON)


def test_no_part_of_the_customers_name_stays_wherever_it_stands() -> None:
    kept = without_private("Het is de koffer van sandra, en KOSTER zoeken we.", "Sandra Koster", COMMON)
    assert "sandra" not in kept.lower() and "koster" not in kept.lower()


def test_what_three_people_were_told_is_ours() -> None:
    text = "Mail care@acme.example or call 020 123 4567, it takes 5 working days, see https://acme.example/help"
    three = Ours.of((person, text) for person in range(3))
    assert without_private(text, None, three) == text
    assert without_private(text, None, Ours.of((1, text) for _ in range(9))).count(BLANK) == 4


def test_amounts_are_never_ours_however_often_they_were_said() -> None:
    common = Ours.of((person, "You have €25 left") for person in range(9))
    assert "25" not in without_private("You have €25 left", None, common)


def test_a_name_that_many_customers_have_is_not_ours() -> None:
    told = [(person, "We told Sandra.") for person in range(9)]
    common = Ours.of(told, names=["Sandra Koster"])
    assert "Sandra" not in without_private("We told Sandra.", None, common)


def test_greeting_and_closing_stay_with_variables() -> None:
    text = "Beste mevrouw Jansen,\nJe koffer is onderweg.\nMet vriendelijke groet,\nAnna"
    assert without_private(text, None, COMMON) == (
        "Beste {name},\nJe koffer is onderweg.\nMet vriendelijke groet, {agent}"
    )


def test_greeting_of_nobody_stays() -> None:
    assert without_private("Hi there, it was found.", None, COMMON) == "Hi there, it was found."


@given(
    st.lists(st.sampled_from(["we zoeken het", "Beste Jan,", "order", "bel", "naar", "\n", "."]), max_size=6),
    st.from_regex(r"[0-9]{3,12}|[A-Z]{2}[0-9]{2}[A-Z]{4}[0-9]{10}|[a-z]{3,9}@[a-z]{3,9}\.(com|nl)", fullmatch=True),
    st.lists(st.sampled_from(["uit", "Groet, Anna", "!", "-", "("]), max_size=4),
)
def test_no_number_and_no_address_stays_among_any_words(before: list[str], private: str, after: list[str]) -> None:
    kept = without_private(" ".join([*before, private, *after]), None, COMMON)
    assert private not in kept and not re.search(r"\d{3}", kept)
