"""What somebody may choose of in this workspace: its senders, its sources, its team, and words that we know."""

from gehoor.core.judgement import JUDGEMENTS
from gehoor.core.member import Member
from gehoor.web.frame import Frame

__all__ = ["offers_of"]

_CHANNELS = ("mail", "mastodon", "bluesky")
Offered = list[tuple[str, str]]


def offers_of(frame: Frame) -> dict[str, Offered]:
    """Return values and what they are called, by `settings_fields.Field.of`. Reads the team: use a thread."""
    settings, say = frame.site.settings, frame.speech.word
    members = [one for one in frame.site.team.members() if one.is_active]
    known = [(_written(one, members), one.name or one.mail or one.id) for one in members]
    teams = [(team, team) for team in sorted({one.team for one in members if one.team})]
    channels = [(name, str(say("channel", name))) for name in _CHANNELS]
    needs = [(need, str(say("need", need))) for need in JUDGEMENTS["need"] if need]
    return {
        "senders": [(name, name) for name in settings.senders],
        "sources": [(name, name) for name in (*settings.sources, *settings.receivers)],
        "members": known,
        "teams": teams,
        "channels": channels,
        "needs": needs,
        "checked": channels + needs,
        "owners": known + teams,
    }


def _written(member: Member, members: list[Member]) -> str:
    """Return how a file names somebody, so that a person can read it: by name where only they have it."""
    names = [one.name.casefold() for one in members]
    return member.name if member.name and names.count(member.name.casefold()) == 1 else member.id
