"""*Quality* tells what is known and no more: chance alone measures, corrections only teach."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.examples import Judged
from gehoor.core.promoted import current_version, model_folder, promote
from gehoor.core.refit import Figures, Refit, note_refit
from gehoor.core.reread import STATE
from gehoor.core.store import put
from gehoor.core.tables.ledger import source
from gehoor.web.app import app_of
from gehoor.web.quality import Said, doubts_of, figures_of, heads_of, said_of
from tests.cast import CRITIC, FAN, NOON
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.teaching import teach

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

ORIGIN = {"Origin": "http://localhost"}
Pages = TestClient[Litestar]


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace")
    hearing.hear([CRITIC.says(f"Bericht nummer {n} over de koffers", after_s=n) for n in range(60)])
    yield hearing
    hearing.close()


@pytest.fixture
def pages(hearing: Hearing, clock: StillClock) -> Iterator[Pages]:
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def _examples(hearing: Hearing) -> Said:
    return said_of(hearing.site(None, StillClock(NOON)))


def test_nothing_checked_is_said_with_what_to_do_and_how_long_it_takes(pages: Pages) -> None:
    said = _text(pages.get("/quality").text)
    assert "We don't know yet how often we are right." in said
    assert "30 posts" in said
    assert "four minutes" in said


def test_too_few_are_no_figure(hearing: Hearing, pages: Pages) -> None:
    teach(hearing, "sentiment", [("negative", "negative")] * 12)
    page = pages.get("/quality").text
    assert "not yet: 12 of 30" in _text(page)
    assert "<b>100%</b>" not in page


def test_chance_measures_with_an_interval_and_corrections_do_not(hearing: Hearing, pages: Pages) -> None:
    teach(hearing, "sentiment", [("negative", "negative")] * 24 + [("neutral", "negative")] * 6)
    teach(hearing, "sentiment", [("positive", "negative")] * 10, origin="correction", first=41)
    [head] = heads_of(_examples(hearing))
    assert (head.share.n_right, head.share.n, head.n_corrections) == (24, 30, 10)
    assert "80% 63 to 90" in _text(pages.get("/quality").text)


def test_a_head_is_known_by_language_channel_sureness_and_what_it_takes_for_what(hearing: Hearing) -> None:
    teach(hearing, "intent", [("help", "help")] * 8 + [("question", "help")] * 4, language="nl", p=0.95)
    teach(hearing, "intent", [("praise", "other")] * 3, language="en", channel="mail", p=0.4, first=20)
    figures = figures_of(_examples(hearing)["intent"], "intent")
    assert [(name, share.n_right, share.n) for name, share in figures.languages] == [("nl", 8, 12), ("en", 0, 3)]
    assert {name for name, _ in figures.channels} == {CRITIC.channel, "mail"}
    assert [(bin_.low, bin_.share.n, round(bin_.said, 2)) for bin_ in figures.bins] == [(0.0, 3, 0.4), (0.9, 12, 0.95)]
    confusion = figures.confusion
    assert confusion is not None
    assert confusion.classes == ["help", "question", "praise", "other"]
    counts = [[cell.n for cell in row] for row in confusion.rows]
    assert counts == [[8, 0, 0, 0], [4, 0, 0, 0], [0, 0, 0, 3], [0, 0, 0, 0]]


def test_many_words_leave_the_rare_ones_together(hearing: Hearing) -> None:
    needs = ("delivery", "refund", "invoice", "payment", "outage", "product", "staff", "price", "app", "account")
    teach(hearing, "need", [(need, need) for need in needs for _ in range(1 if need in ("app", "account") else 3)])
    confusion = figures_of(_examples(hearing)["need"], "need").confusion
    assert confusion is not None
    assert confusion.classes[-1] == "rest"
    assert confusion.rows[-1][-1].n == 2


def test_spam_is_right_whatever_the_reason(hearing: Hearing) -> None:
    teach(hearing, "spam", [("person", "links"), ("", None), ("", "pattern")])
    figures = figures_of(_examples(hearing)["spam"], "spam")
    assert (figures.head.share.n_right, figures.head.share.n) == (2, 3)


def test_where_checking_helps_most_is_what_is_common_and_uncertain() -> None:
    n = 10
    labels = {task: [""] * n for task in ("need", "actionability", "urgency", "emotion", "motive", "intent")}
    p = {task: np.full(n, np.nan) for task in labels}
    labels["sentiment"] = ["negative"] * 6 + ["neutral"] * 4
    p["sentiment"] = np.array([0.5] * 6 + [0.9] * 3 + [np.nan])
    doubts = doubts_of(Judged(list(range(n)), ["nl"] * n, ["mail"] * n, labels, p))
    assert [(doubt.value, doubt.n, round(doubt.wrong, 2)) for doubt in doubts] == [
        ("negative", 6, 0.3),
        ("neutral", 3, 0.03),
    ]


def test_what_helps_most_leads_to_those_posts(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([FAN.says("Mooi is dat, drie uur wachten", id="x", after_s=90)])
    with hearing.ledger.segments.last.engine.begin() as tx:
        tx.exec_driver_sql("UPDATE activity SET intent = 'praise', intent_p = 0.2, language = 'nl' WHERE id = 'x'")
    page = pages.get("/quality").text
    links = [unescape(link) for link in re.findall(r'href="(/quality/label\?task[^"]+)"', page)]
    assert links
    for link in links:
        assert "data-ask" in pages.get(link).text, link


def test_the_log_says_what_was_learned_with_figures(hearing: Hearing, pages: Pages) -> None:
    figures = Figures(n_examples=40, n_sample=310, n_right=260, n_right_before=241, p_worse=0.99)
    with hearing.projector.engine.begin() as tx:
        note_refit(tx, Refit(task="intent", version=1, at=NOON, outcome="promoted", figures=figures))
    said = _text(pages.get("/quality").text)
    assert "was right 241 and now 260 of 310" in said
    assert "learned from 40 posts" in said


@pytest.mark.parametrize("path", ["/quality?task=<script>", "/quality?task=text", "/quality?lang=nl"])
def test_rubbish_in_the_address_breaks_nothing(pages: Pages, path: str) -> None:
    assert pages.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/quality/refit", "/quality/version", "/quality/said"])
def test_another_site_cannot_decide_for_us(pages: Pages, path: str) -> None:
    assert pages.post(path, headers={"Origin": "http://evil.example"}).status_code == 403


def test_another_version_judges_with_one_click_and_the_reasons_are_read_anew(hearing: Hearing, pages: Pages) -> None:
    for number in (1, 2):
        model_folder(hearing.root, "intent", number).mkdir(parents=True)
    promote(hearing.root, "intent", 2)
    before = pages.app.state.site.reasons
    page = pages.post("/quality/version", data={"task": "intent", "version": "1"}, headers=ORIGIN)
    assert "That version judges now." in _text(page.text)
    assert "Wish: version 1 judges now." in _text(page.text)
    assert "Somebody chose: version 1." in _text(page.text)
    assert current_version(hearing.root, "intent") == 1
    assert pages.app.state.site.reasons is not before


@pytest.mark.parametrize(
    "form",
    [{}, {"task": "intent", "version": "9"}, {"task": "../x", "version": "0"}, {"task": "intent", "version": "x"}],
)
def test_a_version_that_is_not_there_is_refused(pages: Pages, form: dict[str, str]) -> None:
    assert "cannot be done any more" in pages.post("/quality/version", data=form, headers=ORIGIN).text


def test_learning_now_says_what_it_waits_for(hearing: Hearing, pages: Pages) -> None:
    teach(hearing, "intent", [("help", "other")] * 4, origin="correction")
    teach(hearing, "intent", [("help", "other")] * 12, first=20)
    assert "Begun." in _text(pages.post("/quality/refit", headers=ORIGIN).text)
    assert "there is too little to measure by yet" in _text(pages.get("/quality").text)


def test_what_another_version_judged_is_judged_anew_by_the_one_of_today(hearing: Hearing) -> None:
    teach(hearing, "intent", [("other", "leaving")] * 3, text="Hallo allemaal")
    with hearing.projector.engine.begin() as tx:
        tx.exec_driver_sql("UPDATE example SET model = 'intent/4'")
    said = _examples(hearing)["intent"]
    assert {(one.before, one.model) for one in said} == {("other", "intent/0")}
    assert figures_of(said, "intent").head.share.n_right == 3


def test_how_the_slow_reader_does_is_said_where_there_is_one(hearing: Hearing, pages: Pages) -> None:
    assert 'id="slow"' not in pages.get("/quality").text + pages.get("/sources").text
    teach(hearing, "sentiment", [("positive", "positive")] * 3)
    with hearing.projector.engine.begin() as tx:
        values = {"name": STATE, "type": "endpoint", "status": "waiting", "message": "host answers <500>"}
        put(tx, source, per_minute=0.0, **values)
    for page in ("/quality", "/sources"):
        html = pages.get(page).text
        assert "The language model cannot read along now" in html
        assert "host answers &lt;500&gt;" in html
