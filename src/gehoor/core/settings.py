"""The settings of a workspace: `gehoor.toml`, typed. What is unknown or of the wrong type is named with its line."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from gehoor.core import registry
from gehoor.core.errors import SettingError
from gehoor.core.languages import ISO_639_1
from gehoor.core.settings_alerts import Alerts, Recipient, Roles, check_alerts
from gehoor.core.settings_desk import Desk, check_desk
from gehoor.core.settings_know import Know
from gehoor.core.settings_mirror import Mirror, check_mirror
from gehoor.core.settings_part import OURS, Beside, Part, check_repliers
from gehoor.core.settings_roster import RosterTable
from gehoor.core.settings_slow import Slow
from gehoor.core.settings_text import FILE_NAME, NAME, at_line, line_of, nearest, plain_words
from gehoor.core.settings_webhooks import Webhook

__all__ = [
    "Alerts", "Brand", "Duplicates", "Ledger", "Part", "Retention", "Settings", "Web", "Workspace", "load", "parse",
]  # fmt: skip

_Count = Annotated[int, msgspec.Meta(ge=1)]
_S = TypeVar("_S", bound=msgspec.Struct)


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Workspace(_Strict, frozen=True):
    """`[workspace]`: whose it is; `drill`: what is played in it, for a copy in which nothing is real."""

    name: Annotated[str, msgspec.Meta(min_length=1)] = "gehoor"
    languages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("nl", "en", "de", "fr", "es")
    timezone: str = "Europe/Amsterdam"
    interface: Literal["nl", "en"] = "nl"
    drill: str | None = None


class Brand(_Strict, frozen=True):
    """`[brands.<name>]`: what people call it, or a query (`docs/query.md`); a post is about it if either is in it.

    Matched on word borders, whatever the case; `@` and `#` count.
    """

    terms: tuple[str, ...] = ()
    query: str | None = None
    label: str | None = None


class Duplicates(_Strict, frozen=True):
    """`[duplicates]`: what counts as nearly the same."""

    window: Annotated[int, msgspec.Meta(ge=1_024, le=16_777_216)] = 524_288
    threshold: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.8


class Retention(_Strict, frozen=True):
    """`[retention]`: how long the ledger keeps what it heard, and what it dropped; older days live in the history."""

    ledger_days: _Count = 90
    dropped_days: _Count = 7


class Ledger(_Strict, frozen=True):
    """`[ledger]`: at most how much goes into one transaction."""

    batch_rows: Annotated[int, msgspec.Meta(ge=1, le=65_536)] = 4_096
    batch_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 0.25


class Web(_Strict, frozen=True):
    """`[web]`: where the pages and the receivers listen; `public_url`: how others reach them from outside.

    `proxy`: the address of the one in front of us; nobody else is believed who says for whom they ask.
    """

    host: Annotated[str, msgspec.Meta(min_length=1)] = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 8400
    public_url: str | None = None
    proxy: str | None = None

    def __post_init__(self) -> None:
        if self.public_url is not None and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", self.public_url):
            raise ValueError("public_url is no web address: write it as https://listen.example.org")
        if self.proxy is not None and not re.fullmatch(r"[0-9a-fA-F:.]+(/\d+)?", self.proxy):
            raise ValueError("proxy is no address: write it as 127.0.0.1, or 10.0.0.0/8")


class Settings(_Strict, frozen=True):
    """A whole `gehoor.toml`. Sources, receivers, senders and repliers are checked against their type's options."""

    root: Path = Path()
    workspace: Workspace = Workspace()
    brands: dict[str, Brand] = {}
    sources: dict[str, Part] = {}
    receivers: dict[str, Part] = {}
    senders: dict[str, Part] = {}
    repliers: dict[str, Part] = {}
    webhooks: dict[str, Webhook] = {}
    alerts: Alerts = Alerts()
    roles: Roles = Roles()
    duplicates: Duplicates = Duplicates()
    retention: Retention = Retention()
    ledger: Ledger = Ledger()
    web: Web = Web()
    slow: Slow = Slow()
    know: Know = Know()
    desk: Desk = Desk()
    roster: RosterTable = RosterTable()
    mirror: Mirror = Mirror()


_TABLES: dict[str, type[msgspec.Struct]] = {
    "workspace": Workspace,
    "duplicates": Duplicates,
    "retention": Retention,
    "ledger": Ledger,
    "alerts": Alerts,
    "roles": Roles,
    "web": Web,
    "slow": Slow,
    "know": Know,
    "desk": Desk,
    "roster": RosterTable,
    "mirror": Mirror,
}
_GROUPS = ("brands", "sources", "receivers", "senders", "repliers", "webhooks")


def load(root: Path) -> Settings:
    """Read and check `gehoor.toml` of the workspace `root`. Relative paths in it are relative to `root`.

    Raises
    ------
    SettingError
        Naming file, line, what is wrong and what is allowed.
    """
    path = root / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SettingError(f"There is no {FILE_NAME} in {root}. Make a workspace with: gehoor init {root}") from None
    except UnicodeDecodeError as error:
        raise SettingError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from None
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}.") from error
    return parse(text, root)


def parse(text: str, root: Path) -> Settings:
    """Check the text of a `gehoor.toml`; see `load`.

    Examples
    --------
    >>> parse('[brands.acme]\\nterms = ["acme"]', Path(".")).brands["acme"].terms
    ('acme',)
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(_broken(str(error), text)) from None
    return _Reading(text, root.absolute()).settings(raw)


def _broken(message: str, text: str) -> str:
    what, _, where = message.rstrip(")").rpartition(" (at ")
    if what.startswith("Illegal character '\\n'"):
        what = "The text has no closing quote"
    if not where.startswith("line"):
        where = f"line {len(text.splitlines())}, the end"
    return f"{FILE_NAME}, {where}: this is not TOML: {what[:1].lower()}{what[1:]}."


class _Reading:
    """One text on its way to `Settings`: knows where each table stands."""

    def __init__(self, text: str, root: Path) -> None:
        self._text = text
        self._root = root

    def settings(self, raw: dict[str, Any]) -> Settings:
        allowed = [*_TABLES, *_GROUPS]
        for name, value in raw.items():
            if name not in allowed:
                raise self._error(
                    (), name, f"there is no table [{name}].{nearest(name, allowed)} Allowed: {', '.join(allowed)}."
                )
            if not isinstance(value, dict):
                raise self._error((), name, f"{name} must be a table: write [{name}] and its settings below it.")
        self._look_at_people(raw.get("alerts", {}).get("people"))
        tables = {name: self._convert(raw[name], cls, (name,)) for name, cls in _TABLES.items() if name in raw}
        groups = {group: self._group(group, raw.get(group, {})) for group in _GROUPS}
        for name in groups["receivers"].keys() & groups["sources"].keys():
            raise self._error(("receivers", name), None, "is also the name of a source: choose another.")
        settings = msgspec.structs.replace(Settings(root=self._root), **tables, **groups)
        self._check_workspace(settings.workspace)
        heard_by = {**settings.sources, **settings.receivers}
        wrong = (
            check_alerts(settings.alerts, settings.senders)
            or check_mirror(settings.mirror, settings.senders)
            or check_desk(settings.desk, settings.senders)
            or check_repliers(settings.repliers, heard_by)
        )
        if wrong:
            raise self._error(*wrong)
        return settings

    def _look_at_people(self, people: Any) -> None:
        """Check each of those who are told by themselves: what is wrong is said with its own line."""
        for name, one in people.items() if isinstance(people, dict) else ():
            self._convert(one, Recipient, ("alerts", "people", name))

    def _group(self, group: str, raw: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in raw.items():
            if not NAME.fullmatch(name):
                raise self._error((group, name), None, "is no good name: use letters, digits, - and _ (at most 64).")
            if not isinstance(value, dict):
                raise self._error(
                    (group,), name, f"{name} must be a table: write [{group}.{name}] and its settings below it."
                )
        one = {"brands": self._brand, "webhooks": self._webhook}.get(group, self._part)
        return {name: one((group, name), value) for name, value in raw.items()}

    def _webhook(self, table: tuple[str, ...], raw: dict[str, Any]) -> Webhook:
        return self._convert(raw, Webhook, table)

    def _brand(self, table: tuple[str, ...], raw: dict[str, Any]) -> Brand:
        brand = self._convert(raw, Brand, table)
        if not all(term.strip("@# \t\r\n") for term in brand.terms):
            raise self._error(table, "terms", "terms holds an empty term, which would match everything: remove it.")
        if brand.query is not None:
            self._check_query(table, brand.query)
        elif not brand.terms:
            raise self._error(table, "terms", 'needs terms or a query, such as terms = ["acme", "acme bank"].')
        return brand

    def _check_query(self, table: tuple[str, ...], query: str) -> None:
        from gehoor.core import query as queries  # it reads texts as the row stages do: 0.1 s, for who has one

        try:
            queries.parse(query)
        except queries.QueryError as error:
            raise self._error(table, "query", f"query: {error}") from None

    def _part(self, table: tuple[str, ...], raw: dict[str, Any]) -> Part:
        """Take in a source, receiver, sender or replier: its type says which options it knows."""
        group, known = table[0], registry.names(table[0])
        kind = raw.get("type")
        if kind not in known:
            what = (
                f"there is no type {kind!r}.{nearest(str(kind), known)}"
                if "type" in raw
                else "needs the setting 'type'."
            )
            raise self._error(table, "type", f"{what} Allowed: {', '.join(known)}.")
        own = {name: value for name, value in raw.items() if name not in OURS[group]}
        options = self._convert(own, registry.load(group, kind).Options, table)
        given = {name: raw[name] for name in OURS[group] - {"type"} if name in raw}
        common = self._convert({"keep": getattr(options, "keep_default", "all"), **given}, Beside, table)
        return Part(type=kind, options=options, keep=common.keep, sources=common.sources)

    def _convert(self, raw: dict[str, Any], cls: type[_S], table: tuple[str, ...]) -> _S:
        try:
            return msgspec.convert(raw, cls, dec_hook=self._path)
        except msgspec.ValidationError as error:
            key, sentence = plain_words(str(error), cls)
            raise self._error(table, key, sentence) from None

    def _path(self, kind: type, value: object) -> Path:
        if kind is not Path or not isinstance(value, str):
            raise ValueError(f"Expected `{kind.__name__}`, got `{type(value).__name__}`")
        if not value or "\x00" in value:
            raise ValueError("is no path")
        return self._root / Path(value).expanduser()

    def _check_workspace(self, workspace: Workspace) -> None:
        for code in workspace.languages:
            if code not in ISO_639_1:
                raise self._error(
                    ("workspace",), "languages", f"languages: {code!r} is no ISO 639-1 code such as 'nl' or 'en'."
                )
        try:
            ZoneInfo(workspace.timezone)
        except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError; OSError: the name of a folder
            sentence = f"timezone: there is no time zone {workspace.timezone!r}; use a name such as 'Europe/Amsterdam'."
            raise self._error(("workspace",), "timezone", sentence) from None

    def _error(self, table: tuple[str, ...], key: str | None, sentence: str) -> SettingError:
        where = at_line(line_of(self._text, table, key))
        return SettingError(f"{where}: [{'.'.join(table)}] {sentence}" if table else f"{where}: {sentence}")
