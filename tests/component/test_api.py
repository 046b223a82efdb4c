"""The API as a program uses it: read, act, answer once; refused in words; documented as it behaves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.desk import Conversation
from gehoor.core.member import YOU
from gehoor.core.rights import Right
from gehoor.run.team import act_on_team
from gehoor.web.app import app_of
from tests.cast import LOYAL
from tests.component.awaiting import DESK, desk_of, waiting
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.mirrored import full_edition
from tests.component.teaming import Team
from tests.component.test_web_edition import keep

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

Program = TestClient[Litestar]
LOYALS = 1


class Api:
    """A program that asks in the name of somebody of the team."""

    def __init__(self, client: Program, hearing: Hearing, owner: Deciding, team: Team) -> None:
        self.client, self.hearing, self.owner, self.team = client, hearing, owner, team

    def token(self, rights: list[Right]) -> dict[str, str]:
        """Make a token of the admin with some of their rights."""
        arguments = {"id": self.team.admin.id, "name": "shop", "rights": rights, "days": 30}
        token = act_on_team(self.owner, "make_token", arguments)  # type: ignore[arg-type]  # as in Deciding
        return {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(f"/api/v1{path}", **more)

    def post(self, path: str, json: Any, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/api/v1{path}", json=json, headers=named)

    def whole(self) -> Conversation:
        found = desk_of(self.hearing).conversation(LOYALS, YOU)
        assert found is not None
        return found


@pytest.fixture
def api(tmp_path: Path, clock: StillClock) -> Iterator[Api]:
    with (
        waiting(tmp_path, DESK) as (hearing, owner),
        TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as client,
    ):
        made = Api(client, hearing, owner, Team(owner))
        client.headers.update(made.token(["desk.see", "desk.answer", "desk.note", "desk.settings", "desk.every_team",
                                          "see.posts", "see.people", "report.see", "mirror.see"]))  # fmt: skip
        yield made


def test_conversations_are_listed_by_the_views_grammar_and_by_pages(api: Api) -> None:
    page = api.get("/conversations", params={"view": "is:open", "limit": 1}).json()
    more = api.get("/conversations", params={"view": "is:open", "limit": 1, "after": page["after"]}).json()
    names = [line["name"] for line in (*page["items"], *more["items"])]
    assert (len(set(names)), more["after"]) == (2, None)
    assert page["items"][0]["waiting_since"].endswith("Z")
    wrong = api.get("/conversations", params={"view": "kleur:rood"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (400, "application/problem+json")
    assert "There is no kleur: here" in wrong.json()["detail"]


def test_an_act_names_what_was_seen_and_is_refused_when_that_changed(api: Api) -> None:
    seen = api.get(f"/conversations/{LOYALS}").headers["etag"]
    done = api.post(f"/conversations/{LOYALS}/acts", {"act": "label", "add": ["koffer"]}, If_Match=seen)
    assert (done.status_code, done.headers["etag"] != seen) == (200, True)
    late = api.post(f"/conversations/{LOYALS}/acts", {"act": "take"}, If_Match=seen)
    assert (late.status_code, late.json()["title"]) == (412, "Precondition Failed")
    now = api.post(f"/conversations/{LOYALS}/acts", {"act": "status", "status": "pending"})
    line = api.get(f"/conversations/{LOYALS}").json()["line"]
    assert (line["status"], line["labels"], line["version"]) == ("pending", ["koffer"], now.json()["version"])


def test_an_answer_leaves_once_under_one_key_however_often_it_is_sent(api: Api) -> None:
    path, words = f"/conversations/{LOYALS}/replies", {"text": "We zoeken je koffer."}
    assert api.post(path, words).status_code == 428
    seen = api.get(f"/conversations/{LOYALS}").headers["etag"]
    first = api.post(path, words, If_Match=seen, Idempotency_Key="order-7")
    again = api.post(path, words, If_Match=seen, Idempotency_Key="order-7")
    assert (first.status_code, again.status_code, first.json()["key"]) == (202, 202, again.json()["key"])
    assert api.post(path, {"text": "Anders."}, If_Match=seen, Idempotency_Key="order-7").status_code == 409
    assert [reply.text for reply in api.whole().replies] == ["We zoeken je koffer."]


def test_an_answer_never_passes_a_message_that_was_not_read(api: Api) -> None:
    seen = api.get(f"/conversations/{LOYALS}").headers["etag"]
    api.hearing.hear([LOYAL.says("@noordvlucht Help mij nu met mijn vlucht?", id="q3", to="q1")])
    late = api.post(f"/conversations/{LOYALS}/replies", {"text": "Nee."}, If_Match=seen)
    assert (late.status_code, api.whole().replies) == (412, [])


def test_notes_and_snippets_are_written_and_read(api: Api) -> None:
    assert api.post(f"/conversations/{LOYALS}/notes", {"text": "Bel @Ada"}).status_code == 200
    [note] = api.get(f"/conversations/{LOYALS}/notes").json()
    assert (note["text"], note["mentions"]) == ("Bel @Ada", [api.team.admin.id])
    kept = api.post("/snippets", {"name": "koffer", "language": "nl", "text": "We zoeken."}).json()
    assert api.get("/snippets").json() == [kept]


def test_what_was_heard_is_searched_and_counted(api: Api) -> None:
    assert [one["seq"] for one in api.get("/posts", params={"words": "koffer"}).json()["items"]] == [LOYALS]
    assert [one["text"][:12] for one in api.get(f"/conversations/{LOYALS}/messages").json()] == ["@noordvlucht"]
    figures = api.get("/figures").json()
    assert (figures["n_open"], figures["n_waiting"], figures["n_owed"], figures["n_given"]) == (2, 2, 2, 0)
    needs = api.get("/needs", params={"days": 1}).json()
    assert needs and {"at", "intent", "need", "n"} == needs[0].keys()
    posts = api.get("/posts").json()["items"]
    assert sum(one["n"] for one in needs) == sum(post["need"] is not None for post in posts)
    assert api.get("/alerts").json() == {"items": [], "after": None}
    assert api.get("/stories").json() == []
    assert api.get("/people").status_code == 200
    assert api.get("/mirror").status_code == 404


def test_the_mirror_is_read_whole(api: Api) -> None:
    keep(api.hearing, full_edition())
    told = api.get("/mirror").json()
    assert (told["day"], told["edition"]["last_day"], "captivating" in told["edition"]) == (
        "2026-04-13", "2026-04-13", True,
    )  # fmt: skip
    assert api.get("/mirror", params={"day": "2020-01-01"}).status_code == 404


def test_a_closer_look_is_read_as_the_page_shows_it(api: Api) -> None:
    told = api.get("/mirror/closer", params={"of": "channel:bluesky", "day": "2026-04-14"}).json()
    assert (told["kind"], told["id"], told["last_day"]) == ("channel", "bluesky", "2026-04-14")
    assert told["n_people"] > 0
    assert {part["name"] for part in told["binding"]["parts"]} >= {"retention", "reciprocity"}


def test_a_closer_look_that_is_none_is_refused_in_words(api: Api) -> None:
    refused = api.get("/mirror/closer", params={"of": "mood:bad"})
    assert (refused.status_code, "Look at KIND:WHICH" in refused.json()["detail"]) == (400, True)
    assert api.get("/mirror/closer", params={"of": "channel:mail", "day": "gisteren"}).status_code == 400


def test_a_token_does_what_it_was_given_and_no_more(api: Api) -> None:
    reads = api.token(["desk.see"])
    assert api.get("/conversations", headers=reads).status_code == 200
    refused = api.client.post(f"/api/v1/conversations/{LOYALS}/notes", json={"text": "x"}, headers=reads)
    assert (refused.status_code, refused.json()["detail"]) == (403, "This needs the right desk.note.")
    given = api.post(f"/conversations/{LOYALS}/acts", {"act": "assign", "assignee": "somebody"})
    assert given.status_code == 403
    nobody = api.get("/posts", headers={"Authorization": "Bearer no"})
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    del api.client.headers["Authorization"]
    assert api.get("/posts").status_code == 401


def test_who_asks_too_often_is_told_how_long_to_wait(api: Api) -> None:
    answers = [api.get("/snippets") for _ in range(620)]
    late = next(answer for answer in answers if answer.status_code == 429)
    assert (late.headers["retry-after"], late.json()["status"]) == ("1", 429)
    assert {answer.status_code for answer in answers} == {200, 429}


def test_a_talk_is_noted_and_two_are_put_together_and_apart(api: Api) -> None:
    other = next(one["id"] for one in api.get("/conversations").json()["items"] if one["id"] != LOYALS)
    path = f"/conversations/{LOYALS}/acts"
    talk = {"act": "talk", "channel": "phone", "text": "Belde: de koffer is er."}
    noted = api.post(path, talk)
    assert (noted.status_code, noted.headers["etag"]) == (200, api.get(f"/conversations/{LOYALS}").headers["etag"])
    assert [one.channel for one in api.whole().messages if one.channel == "phone"] == ["phone"]
    home = api.post(path, {"act": "merge", "other": other}).json()["conversation"]
    assert api.get(f"/conversations/{other}").json()["line"]["id"] == home
    apart = api.post(f"/conversations/{home}/acts", {"act": "split", "other": other})
    assert (apart.status_code, api.get(f"/conversations/{other}").json()["line"]["id"]) == (200, other)
    assert api.post(path, {"act": "merge", "other": 987_654}).status_code == 404
    assert api.post(path, talk | {"text": " "}).status_code == 400
