"""Says which records of a file are one person: `gehoor match`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.know.base import Floats
from gehoor.know.linking import SURE_P, Linking, Links
from gehoor.run.identity_columns import columns_of, kinds_of
from gehoor.run.result_file import result_file
from gehoor.run.rows_file import RowsFile

__all__ = ["MatchReport", "match"]

_SCHEMA = pa.schema([("id", pa.string()), ("person_id", pa.string()), ("match_p", pa.float64())])
_ROWS = 65_536


class MatchReport(msgspec.Struct, frozen=True):
    """What was read, and who is who.

    Attributes
    ----------
    records, persons : int
        Read; found.
    merged : int
        Records that share their person with another one.
    doubtful : int
        Pairs that are rather one person than two, but not surely so (below .99): a person ought to look.
    columns : dict
        What each column was taken for.
    notes : list of str
        What to know before believing it.
    """

    records: int
    persons: int
    merged: int
    doubtful: int
    columns: dict[str, str]
    notes: list[str]


class _RecordsFile(RowsFile[dict[str, str]]):
    """Records: an id, and whatever tells who it is."""

    needed = ("id",)
    called = "records"
    example = '{"id": "7", "surname": "de Vries", "mail": "jan@acme.example"}'

    def _made(self, row: dict[str, Any]) -> dict[str, str]:
        made = {name: "" if value is None else str(value) for name, value in row.items()}
        if not made["id"].strip():
            raise self._error("id", "it is empty", "Give each record an id of its own.")
        return made


def match(source: Path, output: Path, kinds: Mapping[str, str], min_p: float = 0.5) -> MatchReport:
    """Write which person each record of a file is of.

    Parameters
    ----------
    source : Path
        CSV or JSON lines: a column id, and columns that tell who it is: names, date of birth, address, mail ...
    output : Path
        `.csv`, `.parquet` or `.jsonl`: id, person_id (the id of the person's first record), match_p (how probable the
        surest link to another record of that person is; empty for somebody who is alone).
    kinds : mapping
        What a column is, where its name does not say so: `{"Roepnaam": "given_name"}`.
    min_p : float
        How probable a merge must be; .99 for merges that nobody looks at.

    Raises
    ------
    SettingError
        With file, row and column where the file is not as it should be; nothing is written then.

    Notes
    -----
    Cost: about 1 ms a record. Memory: 10 KB a record.
    """
    if not 0 < min_p < 1:
        raise SettingError(f"--min-p: {min_p:g} is no probability between 0 and 1.")
    with result_file(output, _SCHEMA, source) as result:
        ids, rows = _read(source)
        found = kinds_of(rows, kinds)
        columns = columns_of(rows, found)
        if not columns:
            raise SettingError(f"{source}: {_missing(rows, found, len(ids))}")
        links = Linking(min_p).fit(columns).predict(columns)
        surest = _surest(links, len(ids))
        first = np.unique(links.person, return_index=True)[1]
        persons = [ids[at] for at in first[links.person].tolist()]
        for start in range(0, len(ids), _ROWS):
            some = slice(start, start + _ROWS)
            p = pa.array(surest[some], from_pandas=True)
            result.write(pa.RecordBatch.from_arrays([pa.array(ids[some]), pa.array(persons[some]), p], schema=_SCHEMA))
    return _report(links, found, len(columns))


def _read(source: Path) -> tuple[list[str], dict[str, list[str]]]:
    """Return the ids, and the other columns."""
    records = list(_RecordsFile(source))
    seen: dict[str, int] = {}
    for row, record in enumerate(records, start=1):
        if seen.setdefault(record["id"], row) != row:
            raise SettingError(
                f"{source}, row {row}, column id: {record['id']} stands in row {seen[record['id']]} already. Give each "
                "record an id of its own."
            )
    names = list(dict.fromkeys(name for record in records for name in record if name != "id"))
    return list(seen), {name: [record.get(name, "") for record in records] for name in names}


def _missing(rows: Mapping[str, list[str]], kinds: Mapping[str, str], n: int) -> str:
    """Return why nothing can be compared, and what would help."""
    if n == 1:
        return "it holds one record, and there is nothing to compare it with. Add the other records."
    told = [name for name in rows if kinds[name] != "skip"]
    if not told:
        return "no column tells who it is. Add names, mail, phone or a date of birth."
    if not any(value.strip() for name in told for value in rows[name]):
        return f"nothing stands in {_list(told)}. Fill in names, mail, phone or a date of birth."
    return (
        f"what stands in {_list(told)} is the same everywhere, so nothing tells one record from another. Add a column "
        "in which people differ: names, mail, phone or a date of birth."
    )


def _list(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")


def _surest(links: Links, n: int) -> Floats:
    """Return for each record the probability of its surest link inside its person; NaN where it is alone."""
    surest = np.zeros(n)
    is_inside = links.person[links.pairs[:, 0]] == links.person[links.pairs[:, 1]]
    for side in links.pairs[is_inside].T:
        np.maximum.at(surest, side, links.p[is_inside])
    is_alone = np.bincount(links.person)[links.person] == 1
    return np.where(is_alone, np.nan, surest)


def _report(links: Links, kinds: dict[str, str], n_columns: int) -> MatchReport:
    sizes = np.bincount(links.person)
    notes = []
    if n_columns < 3:
        notes.append("One or two columns tell little of who it is: look at what was merged.")
    if len(links.person) < 200:
        notes.append(
            "Under 200 records, hardly anything can be learned of how errors arise here: what is usual counts."
        )
    if sizes.max(initial=0) > 50:
        notes.append(f"One person has {sizes.max():,} records: look whether a value stands for nobody (`unknown`).")
    return MatchReport(
        records=len(links.person),
        persons=len(sizes),
        merged=int(sizes[sizes > 1].sum()),
        doubtful=int(((links.p >= 0.5) & (links.p < SURE_P)).sum()),
        columns=kinds,
        notes=notes,
    )
