"""Who is told, the desk, its promises, who drafts and reads again, programs and the roster: each set on a page."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gehoor.core.clock import StillClock
from gehoor.core.settings import load
from tests.component.changing import Changing, changing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

TOML = """# ours
[workspace]
name = "Acme"
timezone = "Europe/Amsterdam"

[senders.post]
type = "mail"
host = "smtp.acme.example"
sender = "gehoor@acme.example"
to = ["desk@acme.example"]

[desk]  # since May
assigns = true

# the strict one
[[desk.policies]]
name = "now"  # for what cannot wait
first_reply = 15
urgencies = ["critical"]

[[desk.policies]]
name = "rest"
first_reply = 240
"""


@pytest.fixture
def person(tmp_path: Path, clock: StillClock) -> Iterator[Changing]:
    with changing(tmp_path / "w", TOML, clock) as person:
        yield person


# -- who is told -------------------------------------------------------------------------------------------------------


def test_a_chat_is_added_and_its_address_is_never_shown(person: Changing) -> None:
    said = person.send("/settings/senders/new?kind=apprise", name="phone", url="ntfys://ntfy.acme.example/hush")
    assert "Saved: phone." in said
    assert person.toml["alerts"]["to"] == ["phone"]
    assert "hush" not in person.page("/settings") + person.page("/settings/senders/phone")


def test_somebody_is_told_by_addresses_in_an_order_and_left_in_peace_at_night(person: Changing) -> None:
    person.send("/settings/senders/new?kind=apprise", name="phone", url="$PHONE")
    typed = {"called": "Anna de Vries", "by__1": "post", "by__2": "phone", "from_level": "2", "quiet": "22:00-07:00"}
    assert "Saved: anna-de-vries." in person.send("/settings/people/new", **typed)
    anna = {"name": "Anna de Vries", "by": ["post", "phone"], "from_level": 2, "quiet": "22:00-07:00"}
    assert person.toml["alerts"]["people"] == {"anna-de-vries": anna}
    assert "Anna de Vries post → phone" in person.said("/settings")
    assert "Write it as 22:00-07:00." in person.send("/settings/people/anna-de-vries", **typed | {"quiet": "night"})
    assert "Fill this in." in person.send("/settings/people/new", called="Bo")
    assert "anna-de-vries is gone." in person.send("/settings/people/anna-de-vries", do="remove")
    assert "people" not in person.toml["alerts"] or not person.toml["alerts"]["people"]


def test_a_sender_that_somebody_is_told_by_is_not_taken_away_unheard(person: Changing) -> None:
    person.send("/settings/people/new", called="Anna", by__1="post")
    assert "Somebody is told through this." in person.send("/settings/senders/post", do="remove")
    assert "post" in person.toml["senders"]


# -- where we listen ---------------------------------------------------------------------------------------------------


def test_a_mailbox_is_asked_for_in_words_of_its_own_and_its_password_is_not_shown(person: Changing) -> None:
    assert "What people mail you" in person.said("/settings")
    new = person.said("/settings/sources/new?kind=mail")
    assert "Add a mailbox" in new and "Such as imap.yourcompany.com" in new
    typed = {"host": "127.0.0.1", "user": "desk", "password": "geheim woord", "ours": "@acme.example"}
    person.send("/settings/sources/new?kind=mail", folders="INBOX\r\nSent", **typed)
    [(name, box)] = person.toml["sources"].items()
    assert (box["folders"], box["password"]) == (["INBOX", "Sent"], "geheim woord")
    assert "geheim woord" not in person.page(f"/settings/sources/{name}")


# -- the desk ----------------------------------------------------------------------------------------------------------


def test_the_desk_is_set_and_its_promises_stay_as_they_were_written(person: Changing) -> None:
    typed = {"takes": "direct", "accounts": "@acme@mastodon.example", "hours__mon": "09:00-12:00, 13:00-17:00",
             "owners__1__key": "refund", "owners__1__to": "finance", "late_to__post": "yes", "cost_per_minute": "0,9",
             "four_eyes__mail": "yes"}  # fmt: skip
    person.send("/settings/table/desk", **typed)
    desk = person.toml["desk"]
    assert desk.pop("policies") == [
        {"name": "now", "first_reply": 15, "urgencies": ["critical"]},
        {"name": "rest", "first_reply": 240},
    ]
    assert desk == {
        "takes": "direct", "accounts": ["@acme@mastodon.example"], "hours": {"mon": ["09:00-12:00", "13:00-17:00"]},
        "owners": {"refund": "finance"}, "late_to": ["post"], "cost_per_minute": 0.9, "four_eyes": ["mail"],
    }  # fmt: skip
    assert "[desk]  # since May" in person.file and 'name = "now"  # for what cannot wait' in person.file
    assert "Write hours as 09:00-17:30" in person.send("/settings/table/desk", hours__tue="9 to 5")
    assert "Such a number cannot stand here." in person.send("/settings/table/desk", public_days="0")


def test_a_promise_is_changed_added_and_taken_away_where_it_stands(person: Changing) -> None:
    person.send("/settings/policies/1", name="now", first_reply="10", urgencies__critical="yes", channels__mail="yes")
    person.send("/settings/policies/new", name="slow", resolution="2880")
    now = {"name": "now", "first_reply": 10, "urgencies": ["critical"], "channels": ["mail"]}
    slow = {"name": "slow", "resolution": 2880}
    assert person.toml["desk"]["policies"] == [now, {"name": "rest", "first_reply": 240}, slow]
    assert "# the strict one" in person.file
    assert "rest is gone." in person.send("/settings/policies/2", do="remove")
    assert person.toml["desk"]["policies"] == [now, slow]
    assert "It is as it was again." in person.send("/settings/undo")
    assert len(load(person.hearing.root).desk.policies) == 3
    assert person.client.get("/settings/policies/9").status_code == 404


def test_who_drafts_and_who_reads_again_are_set_and_keys_are_not_shown(person: Changing) -> None:
    person.send(
        "/settings/table/drafter", address="https://llm.acme.example/v1", model="m", key="hush", links="a.nl\nb.nl"
    )
    assert person.toml["desk"]["drafter"] == {
        "address": "https://llm.acme.example/v1", "model": "m", "key": "hush", "links": ["a.nl", "b.nl"],
    }  # fmt: skip
    assert "hush" not in person.page("/settings/table/drafter")
    wrong = person.send("/settings/table/slow", kind="endpoint")
    assert "Fill in an address such as https://host/v1" in wrong
    assert "Point at the folder" in person.send("/settings/table/slow", kind="onnx")
    person.send(
        "/settings/table/slow", kind="endpoint", address="https://llm.acme.example/v1", model="m", posts_per_day="50"
    )
    assert person.toml["slow"]["posts_per_day"] == 50
    assert "a language model at an address" in person.said("/settings")


def test_a_program_gets_a_secret_that_is_shown_once(person: Changing) -> None:
    typed = {"url": "https://crm.acme.example/hook", "events__conversation.opened": "yes"}
    page = person.sent("/settings/webhooks/new", **typed)
    hook = person.toml["webhooks"]["crm-acme-example"]
    assert hook["events"] == ["conversation.opened"]
    assert hook["secret"].startswith("whsec_") and hook["secret"] in page
    assert hook["secret"] not in person.page("/settings") + person.page("/settings/webhooks/crm-acme-example")
    person.send("/settings/webhooks/crm-acme-example", **typed | {"url": "https://crm.acme.example/other"})
    assert person.toml["webhooks"]["crm-acme-example"]["secret"] == hook["secret"]
    assert "Fill this in." in person.send("/settings/webhooks/new", url="https://a.example")


def test_the_mailbox_of_who_answers_by_mail_is_set_with_it(person: Changing) -> None:
    typed = {"name": "care", "sender": "Acme <help@acme.example>", "host": "smtp.acme.example"}
    box = {"mailbox__host": "imap.acme.example", "mailbox__user": "help", "mailbox__password": "hush"}
    person.send("/settings/repliers/new?kind=mail-reply", **typed, **box)
    wanted = {"host": "imap.acme.example", "user": "help", "password": "hush"}
    assert person.toml["repliers"]["care"]["mailbox"] == wanted
    assert "hush" not in person.page("/settings/repliers/care")
    person.send(
        "/settings/repliers/care", **typed, **box | {"mailbox__password": "", "mailbox__host": "mx.acme.example"}
    )
    assert person.toml["repliers"]["care"]["mailbox"] == wanted | {"host": "mx.acme.example"}
    half = person.send("/settings/repliers/care", **typed, mailbox__host="mx.acme.example", mailbox__user="")
    assert "Fill in server, user name and password of the mailbox, or nothing." in half


def test_a_holiday_country_is_set(person: Changing) -> None:
    person.send("/settings/alerts", false_alarms_per_week="1", holidays="be", to__post="yes")
    assert person.toml["alerts"] == {"to": ["post"], "false_alarms_per_week": 1.0, "holidays": "be"}


# -- the roster --------------------------------------------------------------------------------------------------------


def test_a_night_shift_stands_on_both_days_and_a_gap_is_said(person: Changing) -> None:
    assert "everybody who answers is always on duty" in person.said("/roster")
    typed = {"who__noor": "yes", "days__sat": "yes", "hours": "22:00-06:00", "kind": "duty", "since": "2026-01-05"}
    assert "Saved: Shift." in person.send("/roster/new", **typed)
    assert person.toml["roster"]["shifts"] == [
        {"who": ["noor"], "days": ["sat"], "hours": ["22:00-06:00"], "since": date(2026, 1, 5)}
    ]
    said = person.said("/roster")
    assert said.count("on duty: noor 22:00–06:00") == 2
    assert "nobody on duty" in said
    assert "Write hours as 09:00-17:00" in person.send("/roster/1", **typed | {"hours": "late"})
    person.send("/roster/1", **typed | {"kind": "on_call"})
    assert "on call: noor" in person.said("/roster")
    assert "It is as it was again." in person.send("/roster/undo")
    person.send("/roster/1", do="remove")
    assert "roster" not in person.toml or not person.toml["roster"]


def test_somebody_in_the_roster_who_is_not_in_the_team_is_named(person: Changing) -> None:
    person.send("/roster/new", who__noor="yes", days__mon="yes", hours="09:00-17:00")
    assert "Stand in the roster and not in the team, so they do not count: noor" in person.said("/roster")


def test_what_a_lead_takes_back_is_the_roster_and_nothing_else(person: Changing) -> None:
    person.send("/settings/workspace", name="Other", timezone="UTC", interface="en", tongue__nl="yes")
    assert "That cannot be done any more" in person.send("/roster/undo")
    assert person.toml["workspace"]["name"] == "Other"


def test_a_calendar_is_taken_from_the_workspace_only(person: Changing) -> None:
    (person.hearing.root / "team.ics").write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
    assert "Each file must be in the workspace's folder." in person.send("/roster/calendars", calendars="/etc/passwd")
    person.send("/roster/calendars", calendars="team.ics")
    assert person.toml["roster"] == {"calendars": ["team.ics"]}
