"""Somebody who changes the settings on the pages of a workspace of their own, with no script."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import Clock
from gehoor.web.app import app_of
from tests.component.hearing import Hearing
from tests.component.settling import Settling

__all__ = ["Changing", "changing", "words"]

_DIGEST = re.compile(r'name="digest" value="(\w+)"')


class Changing:
    """Opens pages and sends forms, in English.

    Parameters
    ----------
    hearing : Hearing
        The workspace.
    client : TestClient
        Its pages.
    """

    def __init__(self, hearing: Hearing, client: TestClient[Litestar]) -> None:
        self.hearing, self.client = hearing, client

    @property
    def file(self) -> str:
        """The text of `gehoor.toml`."""
        return (self.hearing.root / "gehoor.toml").read_text(encoding="utf-8")

    @property
    def toml(self) -> dict[str, Any]:
        """What it says."""
        return tomllib.loads(self.file)

    def page(self, path: str) -> str:
        """Return the markup of a page."""
        return self.client.get(path).text

    def said(self, path: str) -> str:
        """Return what a page says."""
        return words(self.page(path))

    def send(self, path: str, /, **typed: str) -> str:
        """Send a form as a browser does, and return what the page that comes back says."""
        return words(self.sent(path, **typed))

    def sent(self, path: str, /, **typed: str) -> str:
        """Send a form; return the markup that comes back."""
        found = _DIGEST.search(self.page("/settings"))
        assert found
        form = {"digest": found[1], "do": "save"} | {name.replace("__", "."): text for name, text in typed.items()}
        return self.client.post(path, data=form, headers={"Origin": "http://localhost"}).text


def words(html: str) -> str:
    """Return the words of some markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


@contextmanager
def changing(root: Path, text: str, clock: Clock) -> Iterator[Changing]:
    """Serve the pages of a new workspace."""
    hearing = Hearing(root, text)
    with TestClient(app_of(hearing.site(Settling(hearing), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield Changing(hearing, client)
    hearing.close()
    hearing.ledger.close()
