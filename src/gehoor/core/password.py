"""Passwords: kept as argon2id, and refused where they are among the first that anybody would try."""

import re
import unicodedata
from functools import cache

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

__all__ = ["SHORTEST", "hash_password", "is_password", "password_trouble"]

SHORTEST = 10
_LONGEST = 256
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""What OWASP advises at least (2025): 19 MiB, twice; 20 ms here, and twenty log-ins at once take 400 MB."""

_LOOKS = str.maketrans("013457@$!", "oleasta" + "si")
_WORDS = """
password passwort wachtwoord welkom welcome qwerty qwertyuiop azerty azertyuiop qwertz asdfghjkl zxcvbnm letmein
iloveyou ikhouvanjou admin administrator beheerder gehoor changeme verander geheim secret sunshine football voetbal
princess prinses dragon monkey master abc abcdefghij superman batman pokemon amsterdam rotterdam feyenoord holland
nederland januari februari maart april mei juni juli augustus september oktober november december zomer winter
herfst lente summer spring autumn maandag dinsdag woensdag donderdag vrijdag test default login hello hallo
"""
_COMMON = frozenset(_WORDS.split())


def password_trouble(password: str, *others: str) -> str | None:
    """Return why a password is no good: `short`, `long`, `common`, `own`; None where it is.

    Parameters
    ----------
    *others : str
        What others know of its owner: name, mail address, the organisation.

    Examples
    --------
    >>> password_trouble("W3lkom2026!"), password_trouble("kort"), password_trouble("vier paarden in de sloot")
    ('common', 'short', None)
    """
    text = unicodedata.normalize("NFKC", password)
    if len(text) < SHORTEST:
        return "short"
    if len(text) > _LONGEST:
        return "long"
    core = _core(text)
    if len(core) < 3 or len(set(text.lower())) < 5 or core in _COMMON or _halves(core) in _COMMON:
        return "common"
    known = {_core(word) for other in others for word in (other, *other.split("@"), *re.split(r"[\s@._-]+", other))}
    return "own" if core in known else None


def hash_password(password: str) -> str:
    """Return what is kept of a password. Cost: 20 ms and 19 MB."""
    return _HASHER.hash(unicodedata.normalize("NFKC", password))


def is_password(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one that is kept; takes as long where none is: nobody learns who exists."""
    try:
        is_right = _HASHER.verify(kept or _nobodys(), unicodedata.normalize("NFKC", password[:_LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return is_right and kept is not None


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


def _core(text: str) -> str:
    """Return the letters of a password as they are meant: `W3lkom2026!` is `welkom`."""
    bare = re.sub(r"[\d\W_]+$|^[\d\W_]+", "", text.lower())
    return re.sub(r"[\W_\d]", "", bare.translate(_LOOKS))


def _halves(core: str) -> str:
    """Return the half of what is said twice; else nothing."""
    half = core[: len(core) // 2]
    return half if half + half == core else ""
