"""Says what the columns of a file of records hold, by name or by what stands in them, and makes them alike."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from gehoor.core.errors import SettingError
from gehoor.core.settings_text import nearest
from gehoor.know.comparing import Column

__all__ = ["KINDS", "columns_of", "kinds_of"]

KINDS: dict[str, tuple[str, ...]] = {
    "given_name": ("given_name", "first_name", "firstname", "forename", "voornaam"),
    "surname": ("surname", "last_name", "lastname", "family_name", "achternaam"),
    "name": ("name", "full_name", "naam"),
    "date_of_birth": ("date_of_birth", "dob", "birth_date", "birthdate", "geboortedatum"),
    "phone": ("phone", "phone_number", "telephone", "mobile", "telefoon", "telefoonnummer", "mobiel"),
    "mail": ("mail", "email", "e_mail", "email_address", "mailadres"),
    "number": ("customer_id", "customer_number", "soc_sec_id", "klantnummer", "street_number", "huisnummer"),
    "postcode": ("postcode", "zip", "zip_code", "postal_code"),
    "address": ("address", "address_1", "address_2", "street", "adres", "straat"),
    "city": ("city", "suburb", "town", "place", "state", "country", "plaats", "woonplaats", "land"),
    "skip": ("source", "source_id", "source_dataset", "cluster", "group", "person_id"),
}
"""What a column can be, and the names by which it is known."""

_DIGITS = ("date_of_birth", "phone", "number", "postcode")
_SIGN_BY_SIGN = (*_DIGITS, "mail")  # two mail addresses of a namesake or a provider are alike, and say nothing
_LOOK = 1_000
_MOSTLY = 0.8
_CONTENT = (
    ("mail", re.compile(r"\S+@\S+")),
    ("date_of_birth", re.compile(r"\d{4}-\d\d?-\d\d?|(19|20)\d{6}|\d\d?[-/.]\d\d?[-/.]\d{4}")),
    ("phone", re.compile(r"(\+|00?)[\d ().-]{8,}")),
    ("number", re.compile(r"[\d .-]+")),
)
_SIGNS = re.compile(r"[^a-z0-9]+")
_MAIL_SIGNS = re.compile(r"[^a-z0-9@.]+")


def kinds_of(rows: Mapping[str, Sequence[str]], said: Mapping[str, str]) -> dict[str, str]:
    """Return the kind of each column: as said, by its name, or by what stands in it.

    Raises
    ------
    SettingError
        A column that is not there, or a kind that is none, was named.
    """
    for name, kind in said.items():
        if name not in rows:
            raise SettingError(f"There is no column {name}.{nearest(name, list(rows))} There are: {', '.join(rows)}.")
        if kind not in (*KINDS, "text"):
            raise SettingError(
                f"{name} cannot be {kind!r}.{nearest(kind, list(KINDS))} Use one of: {', '.join(KINDS)}, text."
            )
    return {name: said.get(name) or _by_name(name) or _by_content(values) for name, values in rows.items()}


def _by_name(name: str) -> str | None:
    plain = _SIGNS.sub("_", name.lower()).strip("_")
    return next((kind for kind, names in KINDS.items() if plain in names), None)


def _by_content(values: Sequence[str]) -> str:
    some = [value.strip() for value in values if value.strip()][:_LOOK]
    for kind, form in _CONTENT:
        if some and sum(form.fullmatch(value) is not None for value in some) >= _MOSTLY * len(some):
            return kind
    return "text"


def columns_of(rows: Mapping[str, Sequence[str]], kinds: Mapping[str, str]) -> list[Column]:
    """Return what is to be compared, normalised; columns that are skipped, or hold fewer than two values, are not."""
    columns = []
    for name, values in rows.items():
        if kinds[name] != "skip":
            texts = np.array([_normal(value, kinds[name]) for value in values])
            distinct, codes = np.unique(texts, return_inverse=True)
            known = distinct != ""
            if known.sum() > 1:
                codes = codes - (~known).sum()
                kind = kinds[name] if kinds[name] in ("given_name", "surname") else "text"
                kind = "digits" if kinds[name] in _SIGN_BY_SIGN else kind
                columns.append(Column(name, kind, codes.astype(np.int64), distinct[known].tolist()))
    return columns


def _normal(text: str, kind: str) -> str:
    """Return a text in small letters without accents and signs; dates by year, month, day."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    if kind == "date_of_birth":
        plain = re.sub(r"^\D*(\d\d?)[-/.](\d\d?)[-/.](\d{4})\D*$", _by_year, plain)
        plain = re.sub(r"^\D*(\d{4})[-/.](\d)(?=\D)", r"\g<1>-0\2", plain)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    if kind == "mail":
        return _MAIL_SIGNS.sub("", plain)
    return _SIGNS.sub("" if kind in _DIGITS else " ", plain).strip()


def _by_year(found: re.Match[str]) -> str:
    day, month, year = found.groups()
    return f"{year}-{int(month):02}-{int(day):02}"
