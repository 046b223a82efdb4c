"""Finds parts by entry point: built-ins and other people's parts come in by the same door."""

from functools import cache
from importlib.metadata import entry_points
from typing import Any

from gehoor.core.errors import ContractError, SettingError

__all__ = ["load", "names"]


@cache
def _group(group: str) -> dict[str, Any]:
    return {point.name: point for point in entry_points(group=f"gehoor.{group}")}


def names(group: str) -> list[str]:
    """Return the registered names of a group (`sources`, `decoders`, `analyzers` ...), sorted."""
    return sorted(_group(group))


@cache
def load(group: str, name: str) -> Any:
    """Return the part that is registered under `name`.

    Raises
    ------
    SettingError
        If no part has that name.
    ContractError
        If the part is registered but cannot be imported.
    """
    points = _group(group)
    if name not in points:
        raise SettingError(f"There is no {group.removesuffix('s')} named {name!r}. Known: {', '.join(names(group))}.")
    try:
        return points[name].load()
    except (ImportError, AttributeError) as error:
        raise ContractError(f"{group}/{name} is registered but cannot be loaded: {error}.") from error
