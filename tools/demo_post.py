"""One activity of the demo's story, who did it, and the sentences to choose from."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

MIDNIGHT = datetime(2026, 4, 13, 22, tzinfo=UTC)
"""Midnight in Amsterdam on Tuesday 14 April 2026."""


@dataclass(frozen=True)
class Texts:
    """Sentences by language and theme."""

    lines: dict[tuple[str, str], list[str]]

    @classmethod
    def read(cls, folder: Path) -> "Texts":
        lines: dict[tuple[str, str], list[str]] = {}
        for path in sorted(folder.glob("*.txt")):
            theme = ""
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.startswith("["):
                    theme = line.strip("[]")
                elif line and not line.startswith("#"):
                    lines.setdefault((path.stem, theme), []).append(line)
        return cls(lines)

    def line(self, language: str, theme: str, n: int) -> str:
        return self.lines[language, theme][n % len(self.lines[language, theme])]


@dataclass(frozen=True)
class Author:
    """Somebody on one channel."""

    channel: str
    actor: str
    name: str
    handle: str
    followers: int | None


@dataclass
class Post:
    """One activity and what the story remembers about it. `at` is in hours since midnight."""

    at: float
    id: str
    type: str
    theme: str
    author: Author
    direction: str = "in"
    text: str | None = None
    language: str = "nl"
    weight: float = 1.0
    parent: "Post | None" = None
    fields: dict[str, object] = field(default_factory=dict)

    @property
    def channel(self) -> str:
        return self.author.channel

    @property
    def is_question(self) -> bool:
        return self.type == "Create" and self.direction == "in" and bool(self.text) and "?" in (self.text or "")

    @property
    def published(self) -> str:
        moment = MIDNIGHT + timedelta(hours=self.at)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def root(self) -> str:
        return self.parent.root if self.parent else self.id

    def plain(self) -> dict[str, object]:
        """Return the activity in the plain form: the field names of `Activity`, nothing that is empty."""
        row: dict[str, object] = {
            "id": self.id, "type": self.type, "published": self.published, "channel": self.channel,
            "direction": self.direction, "actor": self.author.actor, "actor_name": self.author.name,
            "actor_followers": self.author.followers, "text": self.text,
            "in_reply_to": self.parent.id if self.parent else None, "conversation": self.root if self.parent else None,
        }  # fmt: skip
        row |= self.fields
        skip = {"type": "Create", "direction": "in"}
        return {key: value for key, value in row.items() if value is not None and skip.get(key) != value}
