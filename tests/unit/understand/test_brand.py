import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.settings import Brand as Terms
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.brand import Brand
from tests.strategies import texts


def brand(**terms: tuple[str, ...]) -> Brand:
    return Brand(Settings(brands={name: Terms(terms=found) for name, found in terms.items()}))


def brands(analyzer: Brand, *posts: str | None) -> list[list[str]]:
    result: list[list[str]] = analyzer.annotate(TextBatch.of(pa.array(posts, pa.string())), {})["brands"].to_pylist()
    return result


def test_brands_come_sorted_and_once() -> None:
    analyzer = brand(zilver=("zilver", "zlv"), acme=("acme",))

    assert brands(analyzer, "zlv zilver acme zilver", "acme", "niets", None) == [["acme", "zilver"], ["acme"], [], []]


def test_term_of_two_brands_names_both() -> None:
    assert brands(brand(b=("shared",), a=("Shared", "own")), "a shared thing") == [["a", "b"]]


def test_handle_and_tag_name_the_brand() -> None:
    assert brands(brand(klm=("KLM",)), "@klm waar", "dank #KLM", "@klm_fan") == [["klm"], ["klm"], []]


def test_term_across_blanks_is_found() -> None:
    assert brands(brand(ah=("Albert  Heijn",)), "bij albert heijn") == [["ah"]]


def test_no_brands_configured_is_an_empty_list_each() -> None:
    assert brands(brand(), "wat dan ook", None) == [[], []]


def test_explaining_shows_the_terms() -> None:
    reasons = brand(klm=("KLM",)).explain(TextBatch.of(pa.array(["@KLM en klm", "niets"])), {})

    assert [[reason.terms for reason in row] for row in reasons] == [[(("klm", 1.0),)], []]


@given(st.lists(st.none() | texts, max_size=8))
def test_a_post_names_the_same_brands_alone_and_in_a_batch(posts: list[str | None]) -> None:
    analyzer = brand(n=("Noordvlucht", "koffer"), i=("in",), o=("Oslo en",))

    assert brands(analyzer, *posts) == [brands(analyzer, post)[0] for post in posts]


def test_brand_is_named_by_its_terms_or_its_query() -> None:
    wanted = Terms(terms=("Acme",), query="shell NEAR/3 tank* -lang:de")
    analyzer = Brand(Settings(brands={"shell": wanted}))
    posts = pa.array(["shell: tanken", "a shell", "acme", "shell tank"])
    known = {"language": pa.array(["nl", "nl", "de", "de"])}

    assert analyzer.annotate(TextBatch.of(posts), known)["brands"].to_pylist() == [["shell"], [], ["shell"], []]
    reasons = analyzer.explain(TextBatch.of(posts), known)
    assert [[reason.terms for reason in row] for row in reasons] == [
        [(("shell", 1.0), ("tanken", 1.0))], [], [(("acme", 1.0),)], [],
    ]  # fmt: skip


def test_term_with_signs_is_taken_as_it_is() -> None:
    assert brands(brand(a=("C++", "-x", "yahoo!", "air*")), "c++", "een -x", "yahoo!", "yahoo", "airline air*") == [
        ["a"], ["a"], ["a"], [], ["a"],
    ]  # fmt: skip
