"""What the template of an edition shows, wherever it stands: on a page, on paper, in a folder."""

from typing import Any, NamedTuple

from gehoor.core.edition import Edition
from gehoor.core.settings import Settings
from gehoor.web.filters import posts_path
from gehoor.web.frame import Frame
from gehoor.web.mirror_drawing import dots_of, most_share, year_of
from gehoor.web.mirror_told import MirrorTold
from gehoor.web.speech import Speech

__all__ = ["ACCENT", "Look", "letters_of", "look_of", "shown_of"]

ACCENT = "#1f46a6"
"""Of paper, as `tokens.css` says it."""

_SIZES = {"wide": (420, 150), "narrow": (320, 140)}
_SENTENCES, _QUOTES = 5, 3


class Look(NamedTuple):
    """Whose edition it is: what brands are called, the name above it, the one colour."""

    names: dict[str, str]
    name: str
    accent: str


def look_of(settings: Settings) -> Look:
    """Return the look that the settings ask for."""
    names = {name: brand.label or name for name, brand in settings.brands.items()}
    return Look(names, settings.mirror.name or settings.workspace.name, settings.mirror.accent or ACCENT)


def shown_of(edition: Edition, speech: Speech, look: Look) -> dict[str, Any]:
    """Return what `_mirror.html` shows; paper puts its own in the place of some of it."""
    most = most_share(edition)
    return {
        "told": MirrorTold(edition, speech, look.names),
        "years": {
            index.name: {kind: year_of(index, edition.curve, *size) for kind, size in _SIZES.items()}
            for index in (edition.captivating, edition.binding)
        },
        "tones": [(one, dots_of(one.tone, one.tone_before, -1.0, 1.0)) for one in edition.relations],
        "voices": [(one, dots_of(one.voice, one.voice_before, 0.0, most)) for one in edition.competitors],
        "opens": {one.name: (one.n, posts_path(one.posts)) for one in edition.opens},
        "names": look.names, "our_name": look.name, "accent": look.accent, "logo": None, "can_act": False,
        "posts_path": posts_path, "n_sentences": _SENTENCES, "n_quotes": _QUOTES,
    }  # fmt: skip


def letters_of(frame: Frame) -> dict[str, str]:
    """Return the senders of mail, each with the addresses behind it."""
    senders = frame.site.settings.senders
    return {name: ", ".join(part.options.to) for name, part in senders.items() if part.type == "mail"}
