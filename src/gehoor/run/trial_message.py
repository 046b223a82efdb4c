"""The message by which somebody sees whether a sender reaches who it should."""

from gehoor.core.clock import Clock
from gehoor.core.errors import SettingError
from gehoor.core.message import Message
from gehoor.core.settings import Settings
from gehoor.run.webhooks import webhook_channel

__all__ = ["TRIAL_KEYS", "trial_key", "trial_message"]

TRIAL_KEYS = "test/"
"""What the keys of tests in the outbox begin with."""

_WORDS = {
    "nl": ("Proefbericht van {name}", "Dit is een proef. Zo bereikt gehoor je als er iets is; je hoeft niets te doen."),
    "en": ("Test message from {name}", "This is a test. This is how gehoor reaches you; there is nothing to do."),
}


def trial_key(sender: str, clock: Clock) -> str:
    """Return a key that was never used before."""
    return f"{TRIAL_KEYS}{sender}/{clock.now()}"


def trial_message(settings: Settings, sender: str, clock: Clock) -> Message:
    """Return the message for one of the senders or webhooks (`webhook/NAME`) of a workspace, in its language.

    Raises
    ------
    SettingError
        There is no such sender.
    """
    able = [*settings.senders, *map(webhook_channel, settings.webhooks)]
    if sender not in able:
        known = ", ".join(able) or "none yet"
        raise SettingError(f"There is no sender named {sender!r}. Known: {known}.")
    title, text = _WORDS[settings.workspace.interface]
    name = settings.workspace.name
    return Message(type="test", at=clock.now(), title=title.format(name=name), text=text, data={"workspace": name})
