"""What the tables of sources, receivers, senders and repliers have in common."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

import msgspec

__all__ = ["OURS", "Beside", "Part", "check_repliers"]

Wrong = tuple[tuple[str, ...], str, str]
"""Table, setting, and one sentence."""

OURS: dict[str, frozenset[str]] = {
    "sources": frozenset({"type", "keep"}),
    "receivers": frozenset({"type", "keep"}),
    "senders": frozenset({"type"}),
    "repliers": frozenset({"type", "sources"}),
}
"""Settings that every table of a group has; the rest are options of its type."""


class Beside(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is set beside the options of a type, as `Part` has it."""

    keep: Literal["all", "brands"] = "all"
    sources: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.<name>]`, `[receivers.<name>]`, `[senders.<name>]`, `[repliers.<name>]`: type and checked `Options`.

    Attributes
    ----------
    keep : str
        Of what is heard there: `all`, or only what concerns one of our `brands`. When absent, the `keep_default` of
        the options decides, and `all` where they have none.
    sources : tuple of str
        Of a replier: it answers what these sources heard; none: whatever its channel heard.
    """

    type: str
    options: Any
    keep: Literal["all", "brands"] = "all"
    sources: tuple[str, ...] = ()


def check_repliers(repliers: Mapping[str, Part], heard_by: Collection[str]) -> Wrong | None:
    """Return what is wrong with what repliers answer: a source that is not there; None when all is well."""
    for replier, part in repliers.items():
        for name in part.sources:
            if name not in heard_by:
                known = ", ".join(heard_by) or "none yet: write [sources.<name>]"
                return ("repliers", replier), "sources", f"sources: there is none named {name!r}. Known: {known}."
    return None
