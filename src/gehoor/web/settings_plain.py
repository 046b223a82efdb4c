"""Tables of `gehoor.toml` whose form needs no type: who is told, the desk and its promises, shifts, programs."""

import msgspec

from gehoor.answer.hours import WEEKDAYS
from gehoor.core.settings_alerts import Recipient
from gehoor.core.settings_desk import Desk, DraftEndpoint, SlaPolicy
from gehoor.core.settings_roster import RosterTable, ShiftRule
from gehoor.core.settings_slow import Slow
from gehoor.core.settings_webhooks import EVENTS, Webhook
from gehoor.web.settings_fields import Field
from gehoor.web.settings_kinds import PRIVATE

__all__ = ["ONCE", "PLAIN", "Plain"]

_URGENCIES = ("low", "normal", "high", "critical")


class Plain(msgspec.Struct, frozen=True, kw_only=True):
    """One such table.

    Attributes
    ----------
    path : str
        Where it stands in `gehoor.toml`; a table with a name stands below it.
    words : str
        Under which name it has its sentences.
    place : str
        On which part of *Settings* it is shown.
    options : type
        What it may say.
    is_listed : bool
        There are several without a name: `[[desk.policies]]`. Their place, from 1, is their name here.
    """

    path: str
    words: str
    place: str
    options: type[msgspec.Struct]
    fields: tuple[Field, ...]
    is_listed: bool = False


PLAIN: dict[str, Plain] = {
    "people": Plain(
        path="alerts.people", words="person", place="alerts", options=Recipient,
        fields=(
            Field(name="name", key="called"),
            Field(name="by", form="steps", of="senders", is_needed=True),
            Field(name="from_level", form="choice", choices=("1", "2", "3")),
            Field(name="quiet"),
            Field(name="after_minutes", form="number"),
            Field(name="louder_minutes", form="number", is_more=True),
            Field(name="timezone", is_more=True),
            Field(name="member", form="choice", choices=("",), of="members", is_more=True),
        ),
    ),
    "webhooks": Plain(
        path="webhooks", words="program", place="programs", options=Webhook,
        fields=(
            Field(name="url", is_needed=True),
            Field(name="secret", form="secret"),
            Field(name="events", form="ticks", choices=EVENTS, default="\n".join(EVENTS), is_needed=True),
            PRIVATE,
        ),
    ),
    "policies": Plain(
        path="desk.policies", words="policy", place="desk", options=SlaPolicy, is_listed=True,
        fields=(
            Field(name="name"),
            Field(name="first_reply", form="number"),
            Field(name="next_reply", form="number"),
            Field(name="resolution", form="number"),
            Field(name="channels", form="ticks", of="channels"),
            Field(name="urgencies", form="ticks", choices=_URGENCIES),
            Field(name="groups", form="lines"),
        ),
    ),
    "shifts": Plain(
        path="roster.shifts", words="shift", place="roster", options=ShiftRule, is_listed=True,
        fields=(
            Field(name="who", form="ticks", of="members", is_needed=True),
            Field(name="days", form="ticks", choices=WEEKDAYS, default="\n".join(WEEKDAYS[:5]), is_needed=True),
            Field(name="hours", form="lines", is_needed=True),
            Field(name="kind", form="choice", choices=("duty", "on_call", "absent")),
            Field(name="holidays", form="choice", choices=("not", "too", "only")),
            Field(name="since", form="date", is_more=True),
            Field(name="until", form="date", is_more=True),
            Field(name="team", form="choice", choices=("",), of="teams", is_more=True),
        ),
    ),
    "roster": Plain(
        path="roster", words="roster", place="roster", options=RosterTable,
        fields=(Field(name="calendars", form="lines"),),
    ),
    "desk": Plain(
        path="desk", words="desk", place="desk", options=Desk,
        fields=(
            Field(name="takes", form="choice", choices=("answerable", "direct")),
            Field(name="accounts", form="lines"),
            Field(name="assigns", form="flag"),
            Field(name="hands_over", form="flag"),
            Field(name="owners", form="pairs", of="owners"),
            Field(name="hours", form="week"),
            Field(name="nearly_to", form="ticks", of="senders"),
            Field(name="late_to", form="ticks", of="senders"),
            Field(name="late_wakes", form="flag"),
            Field(name="surveys", form="ticks", of="channels"),
            Field(name="approves", form="flag"),
            Field(name="four_eyes", form="ticks", of="checked", is_more=True),
            Field(name="public_days", form="number", is_more=True),
            Field(name="most_per_10_s", form="number", is_more=True),
            Field(name="case_per_minute", form="number", is_more=True),
            Field(name="minutes_per_answer", form="number", is_more=True),
            Field(name="cost_per_minute", form="number", is_more=True),
            Field(name="currency", is_more=True),
        ),
    ),
    "drafter": Plain(
        path="desk.drafter", words="drafter", place="desk", options=DraftEndpoint,
        fields=(
            Field(name="address"),
            Field(name="model"),
            Field(name="key", form="secret"),
            Field(name="links", form="lines"),
            PRIVATE,
        ),
    ),
    "slow": Plain(
        path="slow", words="slow", place="understand", options=Slow,
        fields=(
            Field(name="kind", form="choice", choices=("off", "encoder", "onnx", "endpoint")),
            Field(name="address"),
            Field(name="model"),
            Field(name="key", form="secret"),
            Field(name="folder"),
            Field(name="posts_per_day", form="number"),
            Field(name="tokens_per_day", form="number"),
            Field(name="below_p", form="number", is_more=True),
            PRIVATE,
        ),
    ),
}  # fmt: skip

ONCE = ("desk", "drafter", "slow")
"""Those that are there once, each on a page of its own: `/settings/table/<name>`."""
