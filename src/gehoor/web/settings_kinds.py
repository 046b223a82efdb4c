"""What a page asks of each source, receiver, sender and replier, by its type: the few options that people need."""

from typing import Literal

from gehoor.web.settings_fields import Field

__all__ = ["GROUPS", "KEEP", "KINDS", "PRIVATE", "words_of"]

Group = Literal["sources", "receivers", "senders", "repliers"]

KEEP = Field(name="keep", form="choice", choices=("", "all", "brands"), is_more=True)
_CHANNEL = Field(name="channel", is_more=True)
_SOURCES = Field(name="sources", form="ticks", of="sources", is_more=True)
PRIVATE = Field(name="allow_private", form="flag", is_more=True)
_SMTP = (
    Field(name="sender", is_needed=True),
    Field(name="host", is_needed=True),
    Field(name="user"),
    Field(name="password", form="secret"),
    Field(name="security", form="choice", choices=("", "starttls", "tls", "none"), is_more=True),
    Field(name="port", form="number", is_more=True),
)

KINDS: dict[Group, dict[str, tuple[Field, ...]]] = {
    "sources": {
        "feed": (
            Field(name="urls", form="lines", also="url", is_needed=True),
            Field(name="comments", form="flag"),
            Field(name="every_s", form="number", is_more=True),
            Field(name="token", form="secret", is_more=True),
            _CHANNEL, KEEP, PRIVATE,
        ),
        "mastodon": (
            Field(name="timelines", form="lines", is_needed=True),
            Field(name="server"),
            Field(name="token", form="secret"),
            Field(name="back_days", form="number", is_more=True),
            KEEP, PRIVATE,
        ),
        "bluesky": (
            Field(name="search", form="lines"),
            Field(name="handle", is_more=True),
            Field(name="app_password", form="secret", is_more=True),
            KEEP, PRIVATE,
        ),
        "mail": (
            Field(name="host", is_needed=True),
            Field(name="user", is_needed=True),
            Field(name="password", form="secret"),
            Field(name="folders", form="lines"),
            Field(name="ours", form="lines"),
            Field(name="back_days", form="number", is_more=True),
            KEEP,
        ),
        "file": (
            Field(name="path", is_needed=True),
            Field(name="follow", form="flag"),
            Field(name="format", form="choice", choices=("", "plain", "xapi", "csv", "twcs"), is_more=True),
            _CHANNEL, KEEP,
        ),
    },
    "receivers": {
        "segment": (Field(name="write_key", form="secret"), _CHANNEL, KEEP),
        "activitystreams": (Field(name="token", form="secret"), _CHANNEL, KEEP),
    },
    "senders": {
        "mail": (
            Field(name="to", form="lines", is_needed=True),
            *_SMTP,
        ),
        "webhook": (
            Field(name="url", is_needed=True),
            Field(name="secret", form="secret"),
            Field(name="envelope", form="choice", choices=("standard", "cloudevents"), is_more=True),
            PRIVATE,
        ),
        "apprise": (Field(name="url", form="secret", is_needed=True), PRIVATE),
    },
    "repliers": {
        "mail-reply": (
            *_SMTP,
            Field(name="mailbox.host"),
            Field(name="mailbox.user"),
            Field(name="mailbox.password", form="secret"),
            Field(name="sent", is_more=True),
            _SOURCES,
        ),
        "mastodon-reply": (
            Field(name="server", is_needed=True),
            Field(name="token", form="secret", is_needed=True),
            Field(name="most", form="number", is_more=True),
            _SOURCES, PRIVATE,
        ),
        "bluesky-reply": (
            Field(name="handle", is_needed=True),
            Field(name="app_password", form="secret", is_needed=True),
            Field(name="pds", is_more=True),
            _SOURCES, PRIVATE,
        ),
    },
}  # fmt: skip
"""By group and type; what somebody else's part takes is set in `gehoor.toml`."""

GROUPS: tuple[Group, ...] = ("sources", "receivers", "senders", "repliers")


def words_of(group: str, kind: str) -> str:
    """Return under which name a type has its sentences: `mail` is a mailbox where we listen, and who is told elsewhere.

    Examples
    --------
    >>> words_of("sources", "mail"), words_of("senders", "mail")
    ('mailbox', 'mail')
    """
    return "mailbox" if (group, kind) == ("sources", "mail") else kind
