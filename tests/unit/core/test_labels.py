"""Labels say what a row is: a token for each judgement, in the order of the dimensions, and none for what most are."""

import pyarrow as pa
import pytest

from gehoor.core.labels import LABELLED, columns_of_labels, token


def _row(**said: object) -> dict[str, object]:
    return (
        {"type": "Create", "direction": "in", "spam": None} | dict.fromkeys(LABELLED[1:]) | {"direction": "in"} | said
    )


def _labels(*rows: dict[str, object]) -> list[str]:
    columns = {
        name: pa.array([row[name] for row in rows], pa.list_(pa.string()) if name == "brands" else pa.string())
        for name in rows[0]
    }
    found: list[str] = columns_of_labels(columns).to_pylist()
    return found


@pytest.mark.parametrize(
    ("said", "tokens"),
    [
        ({"sentiment": "negative"}, [("sentiment", "negative")]),
        ({"urgency": "normal", "emotion": "none", "need": ""}, []),
        ({"urgency": "high", "intent": "help"}, [("intent", "help"), ("urgency", "high")]),
        ({"brands": ["one", "two"]}, [("brands", "one"), ("brands", "two")]),
        ({"brands": []}, []),
    ],
)
def test_each_judgement_has_its_token(said: dict[str, object], tokens: list[tuple[str, str]]) -> None:
    wanted = "".join(f"{token(*one)} " for one in [("kind", "say"), ("direction", "in"), *tokens])
    assert _labels(_row(**said)) == [wanted]
    neighbours = (_row(brands=["three"], intent="praise"), _row(**said), _row())
    assert _labels(*neighbours)[1] == wanted


def test_what_is_spam_or_ours_is_of_another_kind() -> None:
    rows = _row(spam="links"), _row(direction="out"), _row(type="Like"), _row(type="Track")
    kinds = [label.split()[0] for label in _labels(*rows)]
    assert kinds == [token("kind", kind) for kind in ("spam", "answer", "react", "do")]
