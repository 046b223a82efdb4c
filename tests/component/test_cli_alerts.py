"""Alerts from the command line: who is told, whether it arrives, what was warned of."""

from pathlib import Path

import pytest

from gehoor.core.alert import Alert, write_alert
from gehoor.core.clock import SystemClock
from gehoor.core.settings import load
from gehoor.run.offline import AtRest
from tests.cast import NOON
from tests.component.commanding import Commanding
from tests.component.test_senders import Hook
from tests.component.whole import Whole

STORM = Alert(
    id="noordvlucht/posts/1", brand="noordvlucht", measure="posts", level=2, began_at=NOON, detected_at=NOON + 1, n=40,
    expected=3.0, peak_per_minute=20.0, normal_per_minute=0.5, probability=0.99,
)  # fmt: skip


@pytest.fixture
def person(workspace: Path) -> Commanding:
    """Somebody with a fresh workspace."""
    person = Commanding(workspace)
    person.do("init", workspace, "--brand", "noordvlucht")
    return person


def test_sender_that_is_added_is_told_of_alerts(person: Commanding) -> None:
    person.at("add", "webhook", "https://voorbeeld.nl/hook")
    person.at("add", "mail", "a@voorbeeld.nl", "--set", "host=mail.voorbeeld.nl", "--set", "sender=g@voorbeeld.nl")
    settings = load(person.root)
    assert settings.alerts.to == ("webhook", "mail")
    assert settings.senders["mail"].options.to == ("a@voorbeeld.nl",)
    assert settings.senders["webhook"].options.secret.startswith("whsec_")


def test_what_was_warned_of_is_listed(person: Commanding) -> None:
    assert "Nothing out of the ordinary" in person.at("alerts").stderr
    place = AtRest(load(person.root), SystemClock())
    with place.projector.engine.begin() as tx:
        write_alert(tx, STORM)
    place.close()
    assert "noordvlucht" in person.at("alerts").stdout
    assert [row["n"] for row in person.rows("alerts")] == [40]


def test_test_message_arrives_signed_or_the_reason_is_said(person: Commanding) -> None:
    hook = Hook()
    with hook.serving() as url:
        person.at("add", "webhook", url, "--set", "allow_private=true")
        with Whole(person.root, (person.root / "gehoor.toml").read_text()):
            assert "Sent through webhook" in person.at("alerts", "--test", "webhook").stderr
            hook.answers = [503]
            assert "trouble" in person.at("alerts", "--test", "webhook", code=1).stderr
    assert len(hook.seen) == 2


@pytest.mark.parametrize("words", [["alerts", "--test", "nobody"], ["add", "mail"]])
def test_what_cannot_be_is_said_in_one_line(person: Commanding, words: list[str]) -> None:
    assert person.at(*words, code=2).stderr.startswith("Error: ")
