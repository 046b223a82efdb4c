"""`gehoor models`: which head judges, what it learned, and the way back, from a terminal."""

import json
from pathlib import Path

import pytest

from gehoor.core.promoted import current_version, model_folder
from tests.component.commanding import Commanding
from tests.component.hearing import Hearing
from tests.component.teaching import teach


@pytest.fixture
def person(tmp_path: Path) -> Commanding:
    """A person with a workspace in which twelve posts were checked and four corrected."""
    hearing = Hearing(tmp_path / "workspace", "")
    teach(hearing, "intent", [("help", "help")] * 9 + [("praise", "help")] * 3)
    teach(hearing, "intent", [("help", "other")] * 4, origin="correction", first=20)
    hearing.close()
    return Commanding(tmp_path / "workspace")


def test_heads_are_listed_with_what_people_said_of_them(person: Commanding) -> None:
    heads = {row["task"]: row for row in map(json.loads, person.at("models", "list", "--json").stdout.splitlines())}
    assert len(heads) == 7
    assert heads["intent"] == {
        "task": "intent", "version": 0, "versions": [0], "n_corrections": 4, "n_right": 9, "n_sample": 12,
    }  # fmt: skip
    assert "intent\t0\t0\t4\t9\t12" in person.at("models", "list").stdout


def test_learning_says_what_it_waits_for_and_the_log_keeps_it(person: Commanding) -> None:
    assert "waits\t4" in person.at("models", "refit", "intent").stdout
    assert "12 / 300" in person.at("models", "list", "--log").stdout
    assert "Nothing new was said" in person.at("models", "refit", "emotion").stderr
    assert "'mood' does not learn" in person.at("models", "refit", "mood", code=2).stderr


def test_an_earlier_version_judges_again(person: Commanding, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    model_folder(root, "intent", 3).mkdir(parents=True)
    assert "intent: version 3 judges now." in person.at("models", "rollback", "intent", "--to", "3").stderr
    assert current_version(root, "intent") == 3
    assert "gehoor's own" in person.at("models", "rollback", "intent").stderr
    assert "There is no version 9" in person.at("models", "rollback", "intent", "--to", "9", code=2).stderr
