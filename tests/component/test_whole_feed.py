"""A feed in a whole gehoor: its server is down, wrong and back again, and a feed that works reads on all the while."""

from pathlib import Path

from tests.component.scripted import Asked, Scripted, answer
from tests.component.whole import Whole, wait_for

TOML = """
[sources.{name}]
type = "feed"
url = "{url}"
every_s = 10
allow_private = true
"""


def _feed(name: str) -> bytes:
    return f"<rss version='2.0'><channel><item><guid>{name}</guid><title>{name}</title></item></channel></rss>".encode()


def test_a_server_that_comes_back_is_heard_again_and_was_said_to_be_away(tmp_path: Path) -> None:
    is_down = True

    def script(asked: Asked) -> bytes:
        if asked.path == "/steady":
            return answer(200, _feed("steady"))
        return answer(503) if is_down else answer(200, _feed("shaky"))

    with Scripted(script) as server:
        toml = "".join(TOML.format(name=name, url=f"{server.url}/{name}") for name in ("steady", "shaky"))
        with Whole(tmp_path / "w", toml) as whole:
            wait_for("the steady feed", lambda: len(whole.ids()) == 1)
            wait_for("trouble is said", lambda: whole.is_at("shaky", "waiting"))
            assert whole.source("shaky").message == "localhost is in trouble itself (503)."
            assert "localhost is in trouble itself" in whole.get("/sources").body.decode()
            is_down = False
            wait_for("the shaky feed", lambda: len(whole.ids()) == 2)
            assert whole.source("steady").message is None
            assert whole.stop() == 0
        assert server.paths().count("/shaky") <= 12
