"""A model of one's own reads again what is unsure, in a gehoor that runs: by one setting, and no more than allowed."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import sqlalchemy as sa

from gehoor.core.reader import PostFilter
from gehoor.core.reread import state_of
from tests.component.onnx_folder import make_onnx_folder
from tests.component.slow_server import SURE, Model
from tests.component.whole import Whole, wait_for

STORIES = ("mijn pakket is weg", "de factuur klopt niet", "niemand neemt op", "de app doet het niet", "geef geld terug")
FILE = '[sources.ours]\ntype = "file"\npath = "posts.jsonl"\n'


def _whole(root: Path, slow: str) -> Whole:
    whole = Whole(root, f"{FILE}[slow]\nbelow_p = 1.0\n{slow}\n")
    lines: Iterable[bytes] = (
        msgspec.json.encode({"id": str(n), "text": f"Help, {story} en ik wacht al weken", "actor": f"a{n}"})
        for n, story in enumerate(STORIES)
    )
    (root / "posts.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return whole


def _n_said(whole: Whole, task: str, value: str, p: float) -> int:
    posts = whole.reader.posts(PostFilter(), limit=100)
    return sum(getattr(post, task) == value and getattr(post, f"{task}_p") == p for post in posts)


def test_an_endpoint_is_asked_about_as_many_posts_as_a_day_allows(tmp_path: Path) -> None:
    model = Model()
    with model.serving() as address:
        setting = f'kind = "endpoint"\naddress = "{address}"\nmodel = "small"\nallow_private = true\nposts_per_day = 3'
        with _whole(tmp_path / "workspace", setting) as whole:
            wait_for("three posts were read again", lambda: len(model.asked) == 3)
            wait_for("what it said counts", lambda: _n_said(whole, "emotion", SURE["emotion"], 0.75) > 0)
            wait_for("the budget is said to be spent", lambda: _status(whole) == "spent")
            assert len(model.asked) == 3
            assert whole.get("/quality").status == 200
            assert len(whole.ids()) == len(STORIES)


def test_a_classifier_in_a_folder_has_its_say(tmp_path: Path) -> None:
    folder = make_onnx_folder(tmp_path / "model", ("Negative", "Neutral", "Positive"), ("weken", "gewoon", "mooi"))
    with _whole(tmp_path / "workspace", f'kind = "onnx"\nfolder = "{folder}"') as whole:
        wait_for("what it said counts", lambda: _n_from(whole) > 0, within_s=90)
        assert len(whole.ids()) == len(STORIES)


def _status(whole: Whole) -> str | None:
    state = state_of(whole.reader)
    return None if state is None else state.status


def _n_from(whole: Whole) -> int:
    rows = whole.reader.stored(sa.text("SELECT count(*) FROM reread WHERE task = 'sentiment'"))
    return int(rows[0][0]) if rows else 0
