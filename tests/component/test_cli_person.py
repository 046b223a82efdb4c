"""`gehoor person`: seen, exported, merged, split, objected and forgotten from the command line."""

import json
from pathlib import Path

import pytest

from tests.cast import BUYER, LOYAL
from tests.component.commanding import Commanding
from tests.component.keeping import Keeping
from tests.component.knowing import identifies


@pytest.fixture
def person(workspace: Path) -> Commanding:
    """A workspace with a customer who has two numbers and an account nobody knows of, at rest."""
    (workspace / "gehoor.toml").write_text("", encoding="utf-8")
    keeping = Keeping(workspace)
    keeping.hear([identifies("4711", email="jan@acme.example"), identifies("4712", email="Jan@acme.example")])
    keeping.hear([LOYAL.says("Waar blijft mijn koffer?"), BUYER.buys("1", 12.5)])
    keeping.close()
    return Commanding(workspace)


def test_person_is_shown_to_people_and_to_scripts(person: Commanding) -> None:
    said = person.do("person", "show", "jan@acme.example", "-w", person.root)
    assert "account\tshop\t4711" in said.stdout
    assert "evidence\tmail" in said.stdout
    assert "Looked at 0 times before" in said.stderr
    shown = json.loads(person.do("person", "show", "4712", "--json", "-w", person.root).stdout)
    assert [look["act"] for look in shown["looks"]] == ["show"]
    assert "spend\t12.50\tEUR" in person.do("person", "show", BUYER.actor, "-w", person.root).stdout


def test_person_is_merged_split_and_forgotten(person: Commanding, tmp_path: Path) -> None:
    out, at = tmp_path / "jan.jsonl", ("-w", person.root)
    person.do("person", "merge", "jan@acme.example", LOYAL.actor, "--channel", "bluesky", *at)
    said = person.do("person", "split", "jan@acme.example", "4712", *at).stderr
    assert "has 2 accounts now; 4712 is somebody else" in said
    person.do("person", "object", "4712", "--channel", "shop", *at)
    person.do("person", "export", "4711", "-o", out, *at)
    assert {json.loads(line)["what"] for line in out.read_text(encoding="utf-8").splitlines()} == {"person", "activity"}
    assert "cannot be written" in person.do("person", "export", "4711", "-o", out, *at, code=2).stderr
    person.do("person", "forget", "4711", *at, answer="n\n", code=1)
    person.do("person", "forget", "4711", *at, answer="y\n")
    assert "Nobody is known as '4711'" in person.do("person", "show", "4711", *at, code=2).stderr
    assert {row["actor"] for row in person.rows("posts")} == {"4712", BUYER.actor}
