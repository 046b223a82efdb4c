"""Every registered analyzer keeps the contract of its room."""

from collections.abc import Callable

import pytest

from gehoor.core import registry
from gehoor.understand.base import Analyzer
from gehoor.understand.checks import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", registry.names("analyzers"))
def test_analyzer_keeps_the_contract(name: str, check: Callable[[type[Analyzer]], None]) -> None:
    check(registry.load("analyzers", name))


def test_analyzers_are_registered_under_their_own_names() -> None:
    names = registry.names("analyzers")

    assert {"language", "brand", "sentiment", "intent"} <= set(names)
    assert all(registry.load("analyzers", name).name == name for name in names)
