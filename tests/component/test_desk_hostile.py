"""Hostile markup through every field of the desk, by customers and colleagues: on every page of it words, no more."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.web.app import app_of
from tests.cast import WORRIED
from tests.component.awaiting import DESK, said, waiting
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

MARKS = (
    "<script>own()</script>", "<img src=x onerror=own()>", '"onfocus="own()" autofocus="',
    "</textarea><svg onload=own()>", "javascript:own()", "{{ own() }}", "&lt;script&gt;own()",
    "<a href='javascript:own()'>",
)  # fmt: skip
BAD = "koffer " + " ".join(MARKS)
PAGES = (
    "/inbox?view=open", "/inbox?q=koffer", "/inbox/rows?ids=1-2-3", "/inbox/{id}", "/inbox/{id}/thread?force=1",
    "/inbox/{id}/person", "/inbox/{id}/drafts", "/snippets", "/desk/report", "/audit", "/inbox?q=%3Cscript%3Eown()",
)  # fmt: skip


class _Tags(HTMLParser):
    """What a browser would run of a page, or follow to a script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.live: list[str] = []
        self._is_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element and its attributes."""
        self._is_script = tag == "script"
        self.live += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        self.live += [f"{tag} {value}" for _, value in attrs if (value or "").strip().lower().startswith("javascript:")]

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self._is_script = False

    def handle_data(self, data: str) -> None:
        """Look at what stands in a script."""
        if self._is_script and "own()" in data:
            self.live.append(data)


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[tuple[Hearing, Deciding]]:
    with waiting(tmp_path, DESK) as opened:
        yield opened


def _mail() -> object:
    files = [{"name": f"{mark}.svg", "type": "image/svg+xml", "size": 12_345} for mark in MARKS]
    known = msgspec.json.encode({"subject": BAD, "attachments": files, "reply_to": ["x@y.example"]}).decode()
    mail = WORRIED.says(BAD, id="<hostile@mail.example>")
    bad = {"actor_name": BAD, "properties": known, "html": BAD, "url": "javascript:own()", "channel": "mail"}
    return msgspec.structs.replace(mail, visibility="direct", actor="an@elders.example", **bad)


def test_hostile_words_of_customers_and_colleagues_are_inert_on_every_page(
    hearing: tuple[Hearing, Deciding], clock: StillClock
) -> None:
    heard, owner = hearing
    heard.hear([_mail()])  # type: ignore[list-item]  # an activity, as replaced
    with TestClient[Litestar](app_of(heard.site(owner, clock)), base_url="http://localhost") as pages:
        found = re.search(r"/inbox/(\d+)\?[^\"]*\"[^>]*>", pages.get("/inbox?q=hostile").text)
        id_ = int(found[1]) if found else 3
        said(owner, "note", conversation=id_, text=BAD)
        said(owner, "label", conversation=id_, add=[BAD[:40]])
        said(owner, "team", conversation=id_, team=BAD)
        said(owner, "talk", conversation=id_, channel="phone", text=BAD)
        said(owner, "snippet", name=BAD, language="nl", text=BAD)
        said(owner, "view", name=BAD, query="is:open")
        for page in PAGES:
            answer = pages.get(page.format(id=id_), headers={"Accept-Language": "nl"})
            assert answer.status_code == 200, page
            assert _Tags(answer.text).live == [], page
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert "script-src 'self'" in answer.headers["content-security-policy"]
        shown = pages.get(f"/inbox/{id_}").text
        assert "&lt;script&gt;own()" in shown  # it is there, as words
        assert "13 kB" in shown  # what was attached is named, and stays in the mailbox
