"""How alike two records are, and who is one person by that."""

import numpy as np
import pytest

from gehoor.core.errors import ContractError
from gehoor.know.comparing import ALIKE, EXACT, MISSING, OTHER, SWAPPED, Column, candidates, levels
from gehoor.know.linking import SURE_P, Linking

NEAR = 1


def column(name: str, texts: list[str], kind: str = "text") -> Column:
    values = sorted({text for text in texts if text})
    return Column(name, kind, np.array([values.index(text) if text else -1 for text in texts]), values)


def people(n: int = 150) -> list[Column]:
    """Return columns of n people, two records each, the second with a hole or an error."""
    rng = np.random.default_rng(5)
    letters = np.array(list("abcdefghiklmnoprstuw"))
    words = ["".join(rng.choice(letters, 7)) for _ in range(90)]
    given, surname = rng.choice(words[:30], n), rng.choice(words[30:], n)
    born = [f"{rng.integers(1940, 2006)}{rng.integers(1, 13):02}{rng.integers(1, 29):02}" for _ in range(n)]
    twice = [np.concatenate([one, one]).tolist() for one in (given, surname, born)]
    for row in range(n, 2 * n):
        which = row % 4
        if which < 3:
            twice[which][row] = "" if row % 2 else twice[which][row][:3] + twice[which][row][4:]
    kinds = ("given_name", "surname", "digits")
    return [column(kind, texts, kind) for kind, texts in zip(kinds, twice, strict=True)]


@pytest.mark.parametrize(
    ("kind", "one", "other", "level"),
    [
        ("text", "vries", "vries", EXACT),
        ("text", "vries", "vreis", NEAR),
        ("text", "jansen", "janssens", ALIKE),
        ("text", "jansen", "bakker", OTHER),
        ("text", "jansen", "", MISSING),
        ("digits", "19801231", "19801321", NEAR),
        ("digits", "19801231", "19811331", ALIKE),
        ("digits", "19801231", "19650704", OTHER),
    ],
)
def test_two_values_are_as_alike_as_they_look(kind: str, one: str, other: str, level: int) -> None:
    found = levels([column("x", [one, other], kind)], np.array([[0, 1]]))
    assert found.tolist() == [[level]]


def test_names_that_changed_places_are_seen() -> None:
    columns = [column("g", ["jan", "bos"], "given_name"), column("s", ["bos", "jan"], "surname")]
    assert levels(columns, np.array([[0, 1]])).tolist() == [[SWAPPED, MISSING]]
    assert candidates(columns, 2).tolist() == [[0, 1]]


def test_candidates_are_distinct_pairs_that_share_something() -> None:
    pairs = candidates(people(40), 80)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    assert {(n, n + 40) for n in range(40)} <= {(int(one), int(other)) for one, other in pairs}


def test_two_records_of_each_person_are_put_together() -> None:
    given = people()
    links = Linking().fit(given).predict(given)
    assert (links.person[:150] == links.person[150:]).mean() > 0.97
    assert len(np.unique(links.person[:150])) > 147


def test_what_must_be_sure_merges_less() -> None:
    given = people()
    bold, sure = (Linking(least_p).fit(given).predict(given) for least_p in (0.5, SURE_P))
    assert len(np.unique(sure.person)) >= len(np.unique(bold.person))


def test_strangers_stay_strangers() -> None:
    given = [Column(one.name, one.kind, one.codes[:150], one.values) for one in people()]
    links = Linking().fit(given).predict(given)
    assert len(np.unique(links.person)) >= 148


def test_nobody_is_linked_before_it_is_fitted() -> None:
    with pytest.raises(ContractError, match="before it is fitted"):
        Linking().predict(people(3))
