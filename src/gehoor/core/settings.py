"""The settings of a workspace: `gehoor.toml`, typed. What is unknown or of the wrong type is named with its line."""

from pathlib import Path
from typing import Any, Literal

import msgspec

__all__ = ["Brand", "Duplicates", "Ledger", "Retention", "Settings", "Web", "Workspace"]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Workspace(_Strict, frozen=True):
    """`[workspace]`: whose it is."""

    name: str = "gehoor"
    languages: tuple[str, ...] = ("nl", "en", "de", "fr", "es")
    timezone: str = "Europe/Amsterdam"
    interface: Literal["nl", "en"] = "nl"


class Brand(_Strict, frozen=True):
    """`[brands.<name>]`: what people call it. Matched on word borders, whatever the case; `@` and `#` count."""

    terms: tuple[str, ...]
    label: str | None = None


class Duplicates(_Strict, frozen=True):
    """`[duplicates]`: what counts as nearly the same."""

    window: int = 524_288
    threshold: float = 0.8


class Retention(_Strict, frozen=True):
    """`[retention]`: how long the ledger keeps what it heard; older days live in the history."""

    ledger_days: int = 90


class Ledger(_Strict, frozen=True):
    """`[ledger]`: at most how much goes into one transaction."""

    batch_rows: int = 4_096
    batch_s: float = 0.25


class Web(_Strict, frozen=True):
    """`[web]`: where the pages and the receivers listen."""

    host: str = "127.0.0.1"
    port: int = 8400


class Settings(_Strict, frozen=True):
    """A whole `gehoor.toml`. `sources` and `receivers` are checked against the options of their type."""

    root: Path = Path()
    workspace: Workspace = Workspace()
    brands: dict[str, Brand] = {}
    sources: dict[str, Any] = {}
    receivers: dict[str, Any] = {}
    duplicates: Duplicates = Duplicates()
    retention: Retention = Retention()
    ledger: Ledger = Ledger()
    web: Web = Web()
