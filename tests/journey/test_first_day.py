"""The first day of somebody with gehoor: a workspace, a file that grows, the pages, a night off, the next morning."""

import json
import re
from pathlib import Path

import pytest

from tests.component.commanding import Commanding
from tests.component.whole import Whole, wait_for

_VISIBLE_S = 2.0
_SAID = (
    "Mijn koffer is weg, noordvlucht!",
    "Waar blijft de band?",
    "Top geholpen bij noordvlucht",
    "Hoe laat gaat hij?",
)


def _append(path: Path, id_: str, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": id_, "actor": "sanne", "text": text}) + "\n")


def _workspace(folder: Path) -> tuple[Commanding, Path]:
    """Make it as the README says."""
    person, path = Commanding(folder / "workspace"), folder / "posts.jsonl"
    _append(path, "old-1", "Dit stond er al.")
    person.do("init", person.root, "--brand", "noordvlucht", "--language", "en")
    person.at("add", "file", path, "--follow", "--name", "posts")
    return person, path


def _is_shown(gehoor: Whole, text: str) -> bool:
    """Tell whether the page shows a text; words that decided are marked in it."""
    return text in re.sub(r"</?mark[^>]*>", "", gehoor.get("/posts").body.decode())


@pytest.mark.alone
def test_what_is_appended_to_a_file_is_seen_within_two_seconds_and_after_a_night_off(tmp_path: Path) -> None:
    person, path = _workspace(tmp_path)
    with Whole(person.root, (person.root / "gehoor.toml").read_text()) as gehoor:
        wait_for("what stood there is heard", lambda: "old-1" in gehoor.ids())
        delays = []
        for n, text in enumerate(_SAID):
            _append(path, f"new-{n}", text)
            delays.append(wait_for("it is visible", lambda n=n: f"new-{n}" in gehoor.ids()))  # type: ignore[misc]
        assert max(delays) < _VISIBLE_S
        wait_for("it is shown", lambda: _is_shown(gehoor, _SAID[-1]), _VISIBLE_S)
        wait_for("it is counted", lambda: gehoor.reader.offset() == gehoor.reader.head())
        assert sorted(row["id"] for row in person.rows("posts", "--brand", "noordvlucht")) == ["new-0", "new-2"]

        assert gehoor.stop() == 0
        _append(path, "night-1", "Niemand die luistert.")
        gehoor.start()
        wait_for("what came at night is heard", lambda: "night-1" in gehoor.ids())
        assert len(gehoor.ids()) == 2 + len(_SAID)
        wait_for("it is shown", lambda: _is_shown(gehoor, "Niemand die luistert."))
        state = gehoor.source("posts")
        assert (state.status, state.n_stored, state.n_rejected) == ("running", 2 + len(_SAID), 0)
