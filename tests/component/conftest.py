"""What tests with real counterparts share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.component.browsing import started

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with started() as browser:
        yield browser
