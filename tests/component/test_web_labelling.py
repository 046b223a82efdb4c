"""Going through posts: the least certain first, some by chance, each once; what is said can be taken back."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.draw import drawn, is_chance
from gehoor.core.examples import Examples
from gehoor.core.judgement import JUDGED
from gehoor.core.reader import PostFilter, Reader
from gehoor.web.app import app_of
from gehoor.web.labelling import KEYS
from tests.cast import AGENT, CRITIC, FAN, LOYAL, SPAMMER
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

ORIGIN = {"Origin": "http://localhost"}
PART = {**ORIGIN, "HX-Request": "true"}
SURE, UNSURE, SPAM = 1, 2, 3

Pages = TestClient[Litestar]


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    """Three posts of others, and one of ours that nobody is asked about."""
    hearing = Hearing(tmp_path / "workspace")
    hearing.hear(
        [
            CRITIC.says("Waardeloos, mijn koffer is kwijt en ik ben boos", id="sure"),
            FAN.says("Mooi is dat, drie uur wachten", id="unsure", after_s=2),
            SPAMMER.says("Gefeliciteerd! U heeft gewonnen: gratis iphone, klik hier https://win.top/a", after_s=5),
            AGENT.says("We helpen je graag", after_s=9),
        ]
    )
    only = ", ".join(f"{task} = NULL, {task}_p = NULL" for task in JUDGED if task not in ("sentiment", "intent"))
    with hearing.ledger.segments.last.engine.begin() as tx:  # two heads are enough here, whatever they are worth
        tx.exec_driver_sql(f"UPDATE activity SET {only}")
    judged(hearing, SURE, sentiment=("negative", 0.98), intent=("complaint", 0.95))
    judged(hearing, UNSURE, sentiment=("positive", 0.9), intent=("praise", 0.35))
    judged(hearing, SPAM, sentiment=("positive", 0.97), intent=("other", 0.96))
    yield hearing
    hearing.close()


@pytest.fixture
def pages(hearing: Hearing, clock: StillClock) -> Iterator[Pages]:
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def judged(hearing: Hearing, seq: int, **said: tuple[str, float]) -> None:
    """Let heads have said this of a post."""
    with hearing.ledger.segments.last.engine.begin() as tx:
        for task, (value, p) in said.items():
            tx.exec_driver_sql(f"UPDATE activity SET {task} = ?, {task}_p = ? WHERE seq = ?", (value, p, seq))


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def _form(html: str) -> dict[str, str]:
    """Return what the form sends when nothing is touched."""
    form = html.partition("data-ask")[2].partition("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return hidden | dict(re.findall(r'type="radio" name="([^"]+)" value="([^"]*)" checked', form))


def _examples(hearing: Hearing) -> dict[tuple[int, str], tuple[str | None, str]]:
    said = Examples(Reader(hearing.root)).said()
    return {(example.seq, example.task): (example.value, example.origin) for example in said}


def test_the_least_certain_comes_first_with_the_judgement_of_its_head(pages: Pages) -> None:
    assert not is_chance(1, 0.15), "the first one is not one of chance"
    form = _form(pages.get("/quality/label").text)
    assert form == {"seq": str(UNSURE), "origin": "uncertain", "tasks": "intent", "answer.intent": "praise"}


def test_an_answer_counts_at_once_and_is_not_asked_again(hearing: Hearing, pages: Pages) -> None:
    form = _form(pages.get("/quality/label").text)
    page = pages.post("/quality/said", data={**form, "answer.intent": "complaint"}, headers=PART).text
    assert "1 today." in _text(page)
    post = Reader(hearing.root).posts(PostFilter(seq=UNSURE))[0]
    assert (post.intent, post.intent_p) == ("complaint", None)
    assert _examples(hearing) == {(UNSURE, "intent"): ("complaint", "uncertain")}
    assert _form(page)["seq"] != str(UNSURE)


def test_chance_asks_everything_on_one_screen_and_marks_it(hearing: Hearing, pages: Pages) -> None:
    form = _form(pages.get("/quality/label?only=random").text)
    others = [seq for seq in drawn(1, 4).tolist() if seq != 4]
    assert (int(form["seq"]), form["origin"]) == (others[0], "random")
    assert form["tasks"] == "spam,sentiment,intent,language"
    page = pages.post("/quality/said", data=form, headers=PART).text
    assert "1 of 300 to measure by." in _text(page)
    assert int(_form(page)["seq"]) == others[1]
    assert {origin for _, origin in _examples(hearing).values()} == {"random"}


def test_of_spam_nothing_else_is_kept(hearing: Hearing, pages: Pages) -> None:
    form = {"seq": str(SURE), "origin": "random", "tasks": "spam,sentiment", "answer.spam": "person"}
    pages.post("/quality/said", data={**form, "answer.sentiment": "negative"}, headers=PART)
    assert _examples(hearing) == {(SURE, "spam"): ("person", "random")}


def test_every_post_is_asked_once_and_then_there_is_nothing_left(pages: Pages) -> None:
    html, seen = pages.get("/quality/label?only=random").text, []
    while form := _form(html):
        seen.append(form["seq"])
        html = pages.post("/quality/said", data=form, headers=PART).text
    assert sorted(seen) == ["1", "2", "3"]
    assert "Nothing left to check." in _text(html)


def test_what_is_skipped_says_nothing_and_is_not_shown_again(hearing: Hearing, pages: Pages) -> None:
    form = _form(pages.get("/quality/label").text)
    page = pages.post("/quality/said", data={**form, "skip": "yes"}, headers=PART).text
    assert _form(page)["seq"] != form["seq"]
    assert _examples(hearing) == {}
    assert "0 today." in _text(page)


def test_the_last_one_is_taken_back_and_asked_again(hearing: Hearing, pages: Pages) -> None:
    form = _form(pages.get("/quality/label").text)
    page = pages.post("/quality/said", data={**form, "answer.intent": "help"}, headers=PART).text
    last = page.partition('class="last"')[2]
    back = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', last))
    page = pages.post("/quality/said", data=back, headers=PART).text
    assert _form(page) == form
    assert _examples(hearing) == {}
    post = Reader(hearing.root).posts(PostFilter(seq=UNSURE))[0]
    assert (post.intent, round(post.intent_p or 0, 2)) == ("praise", 0.35)


def test_it_goes_without_a_script(pages: Pages) -> None:
    form = _form(pages.get("/quality/label").text)
    page = pages.post("/quality/said", data=form, headers=ORIGIN)
    assert page.url.path == "/quality/label"
    assert "1 today." in _text(page.text)


def test_only_one_language_or_answer_is_gone_through(hearing: Hearing, pages: Pages) -> None:
    assert _form(pages.get("/quality/label?task=intent&value=complaint").text)["seq"] == str(SURE)
    assert "Nothing left" in _text(pages.get("/quality/label?task=intent&language=fi").text)
    assert pages.get("/quality/label?task=rubbish&value=<script>").status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {}, {"seq": "77", "tasks": "intent", "answer.intent": "help"}, {"seq": "9" * 40},
        {"seq": "1", "tasks": "intent", "answer.intent": "furious"}, {"seq": "1", "tasks": "text", "answer.text": "x"},
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_in_words(hearing: Hearing, pages: Pages, form: dict[str, str]) -> None:
    page = pages.post("/quality/said", data=form, headers=PART)
    assert page.status_code == 200
    assert "cannot be done any more" in page.text
    assert _examples(hearing) == {}


def test_an_empty_workspace_says_so(tmp_path: Path, clock: StillClock) -> None:
    hearing = Hearing(tmp_path / "empty")
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as client:
        for path in ("/quality/label", "/quality/label?only=random"):
            assert "Niets meer om na te kijken." in client.get(path).text
    hearing.close()


def test_what_a_stranger_wrote_stays_text(hearing: Hearing, pages: Pages) -> None:
    hearing.hear([LOYAL.says("<script>alert(1)</script>", id="bad", after_s=20)])
    judged(hearing, 5, intent=("praise", 0.1))
    page = pages.get("/quality/label").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_a_key_chooses_one_answer_and_no_key_has_two_meanings() -> None:
    assert len(set(KEYS)) == len(KEYS)
    assert not set(KEYS) & set("unkjg?/")
