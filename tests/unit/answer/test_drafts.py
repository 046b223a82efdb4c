"""What is offered to answer with: the best, once, and nothing where nothing is good."""

from gehoor.answer.drafts import LEAST, Earlier, best, filled


def _earlier(source: str, text: str, likeness: float = 0.8, **more: object) -> Earlier:
    return Earlier(source=source, text=text, likeness=likeness, **more)  # type: ignore[arg-type]  # fields of it


FOUND, LATER = "We zoeken je koffer vandaag nog.", "Je krijgt je geld binnen een week terug."


def test_nothing_is_offered_where_nothing_is_good() -> None:
    assert best([_earlier("c1", FOUND, LEAST - 0.1)], None) == []


def test_what_made_somebody_unhappy_is_not_offered_again() -> None:
    assert best([_earlier("c1", FOUND, 0.99, ended="unhappy")], None) == []


def test_same_words_are_offered_once_with_all_their_sources() -> None:
    (only,) = best([_earlier("c1", FOUND), _earlier("c2", FOUND + " Echt"), _earlier("c3", FOUND)], None)
    assert set(only.sources) == {"c1", "c2", "c3"}


def test_an_answer_to_the_same_need_comes_before_one_to_another() -> None:
    two = [_earlier("c1", LATER, need="fairness"), _earlier("c2", FOUND, need="understanding")]
    assert best(two, "understanding")[0].sources == ("c2",)


def test_a_satisfied_customer_speaks_for_an_answer() -> None:
    two = [_earlier("c1", LATER), _earlier("c2", FOUND, ended="satisfied")]
    assert best(two, None)[0].sources == ("c2",)


def test_what_is_filled_in_is_never_read_as_a_variable() -> None:
    assert filled("Dag {name}, {order}.", {"name": "{order}", "order": "12"}) == "Dag {order}, 12."


def test_an_order_that_is_not_known_becomes_a_blank() -> None:
    assert filled("Order {order} komt.", {}) == "Order […] komt."
