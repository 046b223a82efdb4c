"""Canned replies and macros on their page, and what a macro does besides, undone with its answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.desk import InboxRow
from gehoor.core.member import YOU
from gehoor.web.app import app_of
from tests.component.awaiting import desk_of, waiting
from tests.component.hearing import Hearing

Desk = tuple[Hearing, TestClient[Any]]


@pytest.fixture
def desk(tmp_path: Path, clock: StillClock) -> Iterator[Desk]:
    with (
        waiting(tmp_path) as (hearing, owner),
        TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as pages,
    ):
        pages.headers.update({"Accept-Language": "en", "Origin": "http://localhost"})
        yield hearing, pages


def _row(hearing: Hearing) -> InboxRow:
    found = desk_of(hearing).conversation(1, YOU)
    assert found is not None
    assert found.row is not None
    return found.row


def _keep(pages: TestClient[Any], **more: str) -> str:
    form = {"name": "koffer", "language": "nl", "text": "Dag {name}, we zoeken {order}.", **more}
    return pages.post("/snippets", data=form).text


def test_a_canned_reply_is_kept_shown_with_an_example_changed_and_dropped(desk: Desk) -> None:
    _, pages = desk
    html = _keep(pages)
    assert "Kept: koffer." in html
    assert "Dag Kim, we zoeken A-1001." in html
    assert "Dag Kim, het is er." in _keep(pages, text="Dag {name}, het is er.")
    assert 'value="koffer"' in pages.get("/snippets?change=1").text
    assert "None yet." in pages.post("/snippets", data={"drop": "1"}).text


def test_what_is_hostile_or_wrong_in_a_canned_reply_stays_harmless(desk: Desk) -> None:
    _, pages = desk
    assert "<script>" not in _keep(pages, name="<script>alert(1)</script>", text="<script>alert(2)</script>")
    assert "Give a name" in _keep(pages, text=" ")
    assert "Give a name" in _keep(pages, language="xx")


def test_a_macro_labels_and_resolves_and_one_undo_takes_all_back(desk: Desk) -> None:
    hearing, pages = desk
    _keep(pages, label="koffer", resolve="yes")
    row = _row(hearing)
    form = {"text": "Hij komt.", "to": "1", "seen": f"{row.seen.last_seq}.{row.seen.version}", "from": "s1"}
    pages.post("/inbox/1/reply", data=form)
    assert (_row(hearing).labels, _row(hearing).status) == (("koffer",), "resolved")
    assert "used once" in pages.get("/snippets").text
    found = desk_of(hearing).conversation(1, YOU)
    assert found is not None
    undo = {"key": found.replies[0].key, "unlabel": "koffer", "reopen": "yes"}
    pages.post("/inbox/1/take_back", data=undo)
    assert (_row(hearing).labels, _row(hearing).status) == ((), "open")
