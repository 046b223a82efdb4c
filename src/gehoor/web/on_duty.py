"""Who is on duty, as the foot of each page says it."""

from typing import NamedTuple

from markupsafe import Markup

from gehoor.core.clock import SECOND_US
from gehoor.run.on_duty import duty_of, has_roster
from gehoor.web.desk_words import short
from gehoor.web.site import Site
from gehoor.web.speech import Speech

__all__ = ["Shown", "on_duty"]

_MOST, _ONE_LINE = 3, 24


class Shown(NamedTuple):
    """Until when, and who: names that fit on a line, else letters, and all names for who asks for more."""

    until: Markup
    letters: str
    names: str


def on_duty(site: Site, speech: Speech, now: int) -> Shown | None:
    """Return who is on duty now; None where no roster says so."""
    if not has_roster(site.settings):
        return None
    roster = duty_of(site.settings, site.team.members(), now).roster
    there, ends = roster.on_duty(now), roster.duty_ends(now)
    if ends is None:
        follows = roster.next_on_duty(now)
        nobody = speech.say("duty.nobody") if follows is None else speech.say(
            "duty.next", time=f"{speech.local(follows[0]):%H:%M}", name=follows[1].name or follows[1].id
        )  # fmt: skip
        return Shown(nobody, "", "")
    names = [one.name or one.id for one in there]
    more = f" + {len(names) - _MOST}" if len(names) > _MOST else ""
    until = f"{speech.local(round(ends / SECOND_US) * SECOND_US):%H:%M}"
    everybody = ", ".join(names)
    is_short = len(names) == 1 or len(everybody) <= _ONE_LINE
    letters = everybody if is_short else ", ".join(map(short, names[:_MOST])) + more
    return Shown(speech.say("duty.until", time=until), letters, everybody)
