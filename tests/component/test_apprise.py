"""Chats and phones by apprise, against a real server on loopback that speaks as ntfy does."""

from pathlib import Path

import apprise
import msgspec
import pytest

from tests.component.test_senders import Desk, Hook


def _toml(url: str, rest: str = "allow_private = true\n") -> str:
    return f'[senders.phone]\ntype = "apprise"\nurl = "{url}"\n{rest}'


def _ntfy(url: str) -> str:
    return url.replace("http://", "ntfy://").replace("/hook", "/dienst")


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Load its hundred services once: on a busy machine that takes longer than a goodbye of the dispatcher."""
    assert apprise.Apprise.instantiate("ntfy://localhost/dienst") is not None


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder for a workspace."""
    return tmp_path / "workspace"


def test_alert_reaches_the_phone_once_with_title_and_text(root: Path) -> None:
    hook = Hook()
    hook.answers = [200]
    with hook.serving() as url:
        desk = Desk(root, _toml(_ntfy(url)))
        desk.emit("a:phone", "phone")
        entry = desk.send(rounds=3)["a:phone"]
        desk.place.close()
    assert (entry.state, entry.receipt) == ("sent", "ntfy")
    [(_, body)] = hook.seen
    told = msgspec.json.decode(body)
    assert (told["topic"], "Noordvlucht" in told["title"], told["message"]) == ("dienst", True, "Sinds 06:38.")


@pytest.mark.parametrize(("status", "state"), [(503, "waiting"), (429, "waiting"), (403, "failed")])
def test_what_is_refused_is_tried_again_where_that_can_help(root: Path, status: int, state: str) -> None:
    hook = Hook()
    hook.answers = [status]
    with hook.serving() as url:
        desk = Desk(root, _toml(_ntfy(url)))
        desk.emit("a:phone", "phone")
        entry = desk.send()["a:phone"]
        desk.place.close()
    assert (entry.state, len(hook.seen)) == (state, 1)


def test_server_that_is_away_is_tried_again(root: Path) -> None:
    with Hook().serving() as url:
        nobody = _ntfy(url)
    desk = Desk(root, _toml(nobody))
    desk.emit("a:phone", "phone")
    entry = desk.send()["a:phone"]
    desk.place.close()
    assert (entry.state, "cannot be reached" in (entry.receipt or "")) == ("waiting", True)


def test_redirect_is_not_followed(root: Path) -> None:
    hook = Hook()
    hook.answers = [302]
    with hook.serving() as url:
        desk = Desk(root, _toml(_ntfy(url)))
        desk.emit("a:phone", "phone")
        entry = desk.send()["a:phone"]
        desk.place.close()
    assert (entry.state == "sent", len(hook.seen)) == (False, 1)


def test_address_of_the_own_network_is_refused_unless_it_is_allowed(root: Path) -> None:
    hook = Hook()
    with hook.serving() as url:
        desk = Desk(root, _toml(_ntfy(url), ""))
        desk.emit("a:phone", "phone")
        entry = desk.send()["a:phone"]
        desk.place.close()
    assert (entry.state, hook.seen) == ("waiting", [])


@pytest.mark.parametrize("url", ["json://voorbeeld.nl", "syslog://", "dbus://", "niets://x", "mailto://a:b@c.nl"])
def test_what_is_no_chat_or_phone_is_refused_in_plain_words(root: Path, url: str) -> None:
    desk = Desk(root, _toml(url))
    desk.emit("a:phone", "phone")
    entry = desk.send()["a:phone"]
    desk.place.close()
    assert entry.state == "failed"
    assert "use that one" in (entry.receipt or "") or "apprise cannot send" in (entry.receipt or "")
