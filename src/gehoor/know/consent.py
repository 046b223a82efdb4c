"""What somebody allows, as the record says it: purposes and consent, read from `policy`."""

from collections.abc import Iterable
from typing import Any

import msgspec

__all__ = ["PROFILE", "choices_of", "may_profile"]

PROFILE = "profile"

_PURPOSES = ("profile", "marketing", "trend", "reply")
_CALLED = {
    "profiling": "profile", "personalization": "profile", "personalisation": "profile", "personalisatie": "profile",
    "advertising": "marketing", "targeting": "marketing", "analytics": "trend", "statistics": "trend",
    "performance": "trend",
}  # fmt: skip


def choices_of(policy: str | None) -> dict[str, bool]:
    """Return by purpose what was allowed or refused in so many words; what was not mentioned is not there.

    Two forms are read: `{"purposes": ["reply", "trend"]}`, which refuses what it leaves out, and what Segment's SDKs
    send, `{"consent": {"categoryPreferences": {"Advertising": false}}}`. Where both speak, a refusal holds.

    Examples
    --------
    >>> choices_of('{"purposes": ["reply", "trend"]}')
    {'profile': False, 'marketing': False, 'trend': True, 'reply': True}
    >>> choices_of('{"consent": {"categoryPreferences": {"Personalization": true, "C0004": false}}}')
    {'profile': True, 'c0004': False}
    >>> choices_of(None), choices_of("not JSON"), choices_of("[]")
    ({}, {}, {})
    """
    said = _decoded(policy)
    found: dict[str, bool] = {}
    if isinstance(purposes := said.get("purposes"), list):
        found |= {name: name in purposes for name in _PURPOSES}
    for name, is_allowed in _preferences(said.get("consent")):
        found[name] = found.get(name, True) and is_allowed
    return found


def may_profile(policy: str | None) -> bool:
    """Tell whether an activity may be added to a profile: unless its own policy refuses that.

    Examples
    --------
    >>> may_profile(None), may_profile('{"purposes": ["reply"]}')
    (True, False)
    """
    return choices_of(policy).get(PROFILE, True)


def _decoded(policy: str | None) -> dict[str, Any]:
    if not policy:
        return {}
    try:
        said = msgspec.json.decode(policy)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _preferences(consent: object) -> Iterable[tuple[str, bool]]:
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    for name, is_allowed in (preferences if isinstance(preferences, dict) else {}).items():
        if isinstance(is_allowed, bool):
            plain = str(name).strip().casefold()[:64]
            yield _CALLED.get(plain, plain), is_allowed
