"""A brand of `gehoor.toml` by its query: read with the settings, and wrong ones pointed at in the file."""

from pathlib import Path

import pytest

from gehoor.core.errors import SettingError
from gehoor.core.settings import parse


def message_of(text: str) -> str:
    with pytest.raises(SettingError) as error:
        parse(text, Path("/somewhere"))
    return str(error.value)


def test_brand_may_have_terms_or_a_query_or_both() -> None:
    brands = (
        "[brands.a]\nterms = ['acme']\n[brands.b]\nquery = 'acme -bank'\n[brands.c]\nterms = ['c']\nquery = 'cor*'\n"
    )
    settings = parse(brands, Path())
    assert [(brand.terms, brand.query) for brand in settings.brands.values()] == [
        (("acme",), None), ((), "acme -bank"), (("c",), "cor*"),
    ]  # fmt: skip


@pytest.mark.parametrize("brand", ["[brands.a]\n", "[brands.a]\nterms = []\n", "[brands.a]\nlabel = 'x'\n"])
def test_brand_with_neither_is_refused(brand: str) -> None:
    message = message_of(brand)
    assert message.startswith("gehoor.toml, line ")
    assert "[brands.a] needs terms or a query" in message


def test_wrong_query_is_pointed_at_with_its_file_and_line() -> None:
    message = message_of('[brands.a]\nlabel = "A"\nquery = "koffer OR AND tas"\n')
    assert message.splitlines() == [
        "gehoor.toml, line 3: [brands.a] query: There is nothing to look for behind this OR.",
        "  koffer OR AND tas",
        "         ^",
    ]


def test_query_that_matches_everything_is_refused() -> None:
    assert "would match nearly every post" in message_of("[brands.a]\nquery = 'acme OR -bank'\n")
    assert "The query is empty" in message_of("[brands.a]\nterms = ['a']\nquery = ''\n")


def test_query_over_several_lines_shows_the_line_that_is_wrong() -> None:
    message = message_of("[brands.a]\nquery = '''\nkoffer OR\ntas,\n'''\n")
    assert message.splitlines()[1:] == ["  tas,", "     ^"]
