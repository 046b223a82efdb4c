"""The marts: what was heard as sums of whole numbers, Parquet by day of arrival, for the mirror and for analysts.

A row of a mart is a sum by day of event within one day of arrival, so that marts of all days of arrival add up: what
arrives late, is corrected or deleted changes the day of arrival in which it stands, and only that one is made anew.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa

from gehoor.core.settings import Settings
from gehoor.run.mirror.heard import OPEN, ROWS, Heard

__all__ = ["MARTS", "Renewed", "connect", "order_names", "quoted", "renew_marts", "settle_marts", "touched"]

_VERSION = "2"
_STAMPS, _TOUCHED = "stamps.json", "touched"

_THEIRS = "type IN ('Create', 'Update') AND direction = 'in' AND spam IS NULL"
_KIND = f"""
    CASE WHEN type IN ('Delete', 'Undo') THEN 'undo'
         WHEN {_THEIRS} THEN 'say'
         WHEN type IN ('Create', 'Update') AND direction = 'out' THEN 'ours'
         WHEN direction <> 'in' OR type IN ('Create', 'Update') THEN 'other'
         WHEN type = 'Announce' THEN 'share'
         WHEN type IN ('Like', 'Follow', 'Flag') THEN 'react'
         ELSE 'do' END"""
_ROWS = f"""
    CREATE TEMP TABLE heard AS
    SELECT heard.* EXCLUDE (brands), coalesce(brands, []) AS brands, {_KIND} AS kind,
           coalesce(brands, []) || CASE WHEN names.name IS NULL THEN [] ELSE [names.name] END || [''] AS of_brands
    FROM arriving AS heard LEFT JOIN names ON names.said = lower(trim(heard.order_brand))"""

_ORDERED = "lower(trim(event)) = 'order completed'"

MARTS: Mapping[str, str] = {
    "people": f"""
        SELECT day, brand, actor_key AS actor, any_value(channel) AS channel, mode(language) AS language,
               mode(region) AS region,
               count(*) FILTER (kind = 'say')::INTEGER AS n_said,
               count(*) FILTER (kind = 'share')::INTEGER AS n_shared,
               count(*) FILTER (kind = 'react')::INTEGER AS n_reacted,
               count(*) FILTER (kind = 'do')::INTEGER AS n_did,
               count(*) FILTER (kind = 'do' AND {_ORDERED})::INTEGER AS n_orders,
               count(*) FILTER (kind = 'say' AND sentiment = 'negative')::INTEGER AS n_negative,
               count(*) FILTER (kind = 'say' AND sentiment = 'positive')::INTEGER AS n_positive
        FROM (SELECT *, unnest(list_distinct(of_brands)) AS brand FROM heard
              WHERE kind IN ('say', 'share', 'react', 'do') AND actor_key IS NOT NULL)
        GROUP BY day, brand, actor_key ORDER BY brand, day, actor_key""",
    "cells": """
        SELECT day, brand,
               CASE WHEN grouping(channel) = 0 THEN 'channel' WHEN grouping(language) = 0 THEN 'language'
                    WHEN grouping(region) = 0 THEN 'region' WHEN grouping(need) = 0 THEN 'need'
                    WHEN grouping(motive) = 0 THEN 'motive' WHEN grouping(intent) = 0 THEN 'intent'
                    WHEN grouping(sentiment) = 0 THEN 'sentiment' ELSE '' END AS dimension,
               coalesce(channel, language, region, need, motive, intent, sentiment, '') AS value,
               count(*) FILTER (kind = 'say')::INTEGER AS n_posts,
               count(*) FILTER (kind = 'say' AND sentiment = 'negative')::INTEGER AS n_negative,
               count(*) FILTER (kind = 'say' AND sentiment = 'positive')::INTEGER AS n_positive,
               count(*) FILTER (kind = 'say' AND intent = 'praise')::INTEGER AS n_praise,
               count(*) FILTER (kind = 'say' AND intent = 'complaint')::INTEGER AS n_complaint,
               count(*) FILTER (kind = 'say' AND intent = 'help')::INTEGER AS n_help,
               count(*) FILTER (kind = 'say' AND intent = 'leaving')::INTEGER AS n_leaving,
               count(*) FILTER (kind = 'ours')::INTEGER AS n_ours
        FROM (SELECT *, unnest(brands || ['']) AS brand FROM heard WHERE kind IN ('say', 'ours'))
        GROUP BY GROUPING SETS ((day, brand), (day, brand, channel), (day, brand, language), (day, brand, region),
                                (day, brand, need), (day, brand, motive), (day, brand, intent), (day, brand, sentiment))
        ORDER BY brand, day, dimension, value""",
    "exchanges": """
        SELECT day, at_us, seq, kind, channel, actor_key AS actor, brands, object_key AS object,
               CASE WHEN kind IN ('say', 'ours') THEN parent_key ELSE object_key END AS target,
               kind = 'say' AND coalesce(visibility = 'direct' OR actionability = 'answer'
                                         OR intent IN ('help', 'question', 'complaint'), false) AS is_question,
               sentiment,
               CASE WHEN kind = 'ours' THEN views END AS views,
               CASE WHEN kind = 'ours' THEN text_digest END AS words,
               duplicate_of IS NOT NULL AS is_copy
        FROM heard WHERE kind IN ('say', 'ours', 'share') OR (kind = 'react' AND type = 'Like')
        ORDER BY day, at_us""",
    "orders": f"""
        SELECT day, actor_key AS actor, coalesce(lower(trim(order_brand)), '') AS order_brand, count(*)::INTEGER AS n
        FROM heard WHERE kind = 'do' AND {_ORDERED} AND actor_key IS NOT NULL
        GROUP BY ALL ORDER BY day, actor_key""",
}
"""Name -> what it is made of. `docs/reference/mirror-marts.md` says what each column means."""


class Renewed(msgspec.Struct, frozen=True):
    """Which days of arrival were made anew or dropped, and the first day of event that they touch, if any."""

    days: list[str]
    since: int | None


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a database in memory that spills beside the marts beyond 1 GB and fetches nothing from outside."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 2, "memory_limit": "1GB", "temp_directory": str(folder / ".spill"),
        "autoinstall_known_extensions": False,
    }  # fmt: skip
    database = duckdb.connect(":memory:", config=settings)
    database.execute("SET enable_progress_bar = false")  # it would draw across whatever is on the terminal
    return database


def quoted(path: Path) -> str:
    """Return a path as SQL writes it."""
    return "'" + str(path).replace("'", "''") + "'"


def order_names(settings: Settings) -> pa.Table:
    """Return by what name in orders each brand goes: its own, and its label."""
    pairs = {
        (said.strip().lower(), name) for name, one in settings.brands.items() for said in (name, one.label or name)
    }
    said, names = zip(*sorted(pairs), strict=True) if pairs else ((), ())
    return pa.table({"said": pa.array(said, pa.string()), "name": pa.array(names, pa.string())})


def renew_marts(folder: Path, heard: Heard, settings: Settings) -> Renewed:
    """Make the marts of days of arrival whose rows changed since the last time; the open minute always.

    Cost: 3 us an activity of a day that is made; 1 ms a day that is not.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / _STAMPS
    before = msgspec.json.decode(note.read_bytes(), type=dict[str, str]) if note.exists() else {}
    names = order_names(settings)
    mark = f"{_VERSION} {sorted(map(tuple, zip(*names.to_pydict().values(), strict=True)))}"
    now = {day: f"{stamp} {mark}" for day, stamp in heard.stamps().items()}
    changed = [day for day, stamp in now.items() if before.get(day) != stamp or not _place(folder, day).exists()]
    gone = [day for day in before if day not in now]
    since: list[int] = []
    with connect(folder) as base:
        base.register("names", names)
        for day in [*gone, *changed]:
            since += _first_day(base, _place(folder, day))
            shutil.rmtree(_place(folder, day), ignore_errors=True)
        for day in changed:
            _make(base, heard, day, _place(folder, day))
            since += _first_day(base, _place(folder, day))
    before_that = touched(folder)
    first = min(since if before_that is None else [*since, before_that], default=None)
    if first is not None:
        (folder / _TOUCHED).write_text(str(first), encoding="ascii")
    note.write_bytes(msgspec.json.encode(now))
    return Renewed(days=[*gone, *changed], since=first)


def settle_marts(folder: Path) -> None:
    """Note that what was measured before has been dropped where the marts changed."""
    (folder / _TOUCHED).unlink(missing_ok=True)


def touched(folder: Path) -> int | None:
    """Return since which day (since 1970) measures do not hold that nobody dropped yet."""
    path = folder / _TOUCHED
    return int(path.read_text(encoding="ascii")) if path.exists() else None


def _place(folder: Path, day: str) -> Path:
    return folder / (day if day == OPEN else f"date={day}")


def _first_day(base: duckdb.DuckDBPyConnection, place: Path) -> list[int]:
    if not place.exists():
        return []
    both = " UNION ALL ".join(
        f"SELECT min(day) AS day FROM read_parquet({quoted(place / f'{name}.parquet')})" for name in MARTS
    )
    [(first,)] = base.execute(f"SELECT min(day) FROM ({both})").fetchall()
    return [] if first is None else [int(first)]


def _make(base: duckdb.DuckDBPyConnection, heard: Heard, day: str, place: Path) -> None:
    """Write all marts of a day of arrival from one scan of its rows; the folder is there whole or not at all."""
    half = place.with_name(f".{place.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    base.register("arriving", pa.RecordBatchReader.from_batches(ROWS, heard.rows(day)))
    base.execute(_ROWS)
    base.unregister("arriving")
    for name, query in MARTS.items():
        base.execute(f"COPY ({query}) TO {quoted(half / f'{name}.parquet')} (FORMAT parquet, COMPRESSION zstd)")
    base.execute("DROP TABLE heard")
    half.rename(place)
