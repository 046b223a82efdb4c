"""Keys that tell a person for certain, as keyed digests; and who shares them."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from gehoor.know.union_find import Edge, UnionFind

__all__ = ["KINDS", "MOST_SHARING", "Identity", "Key", "Keys"]

MOST_SHARING: dict[str, int] = {"customer": 1_000, "account": 1_000, "mail": 8, "phone": 4}
"""How many records may share a key of a kind before it tells nobody any more: a family's phone, a mailbox `info@`."""

KINDS = tuple(MOST_SHARING)
_MAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_NO_SIGN = re.compile(r"[\s.\-_/]+")
_NOBODY = frozenset(("noreply", "no-reply", "donotreply", "do-not-reply", "info", "example", "test", "none", "unknown"))


class Key(NamedTuple):
    """What tells a person, without saying who: the kind, and the digest of the value."""

    kind: str
    digest: int
    """Signed, 64 bits, keyed with the secret of the organisation: outside it, nobody can try names."""


class Keys:
    """Makes keys of what a record says of a person.

    Parameters
    ----------
    secret : bytes
        The organisation's; at least 16 bytes. With another secret, all keys are others.
    region : str
        Where a phone number without a country is from: ISO 3166, such as `NL`.

    Notes
    -----
    BLAKE2b with a key, the kind in its personalisation, so a mail address used as an account name is another key.
    Cost: 3 us a key, 60 us for a phone number not seen lately.

    Examples
    --------
    >>> keys = Keys(b"sixteen bytes at least")
    >>> one = keys.keys_of({"mail": "Jan@Acme.example", "phone": "06 12 34 56 78"})
    >>> other = keys.keys_of({"mail": "jan@acme.example ", "phone": "+31 6 12345678"})
    >>> [key.kind for key in one], one == other
    (['mail', 'phone'], True)
    """

    def __init__(self, secret: bytes, region: str = "NL") -> None:
        if len(secret) < 16:
            raise ValueError("A secret of at least 16 bytes is needed.")
        self._secret = hashlib.blake2b(secret).digest()
        self._normal: dict[str, Callable[[str], str | None]] = {
            "customer": _customer,
            "account": _account,
            "mail": _mail,
            "phone": lambda text: _phone(text, region),
        }

    def keys_of(self, record: Mapping[str, str | None]) -> list[Key]:
        """Return the keys of a record: what of `KINDS` it has, and can be one; in the order of `KINDS`.

        What is no address or number of its kind gives no key, nor does a mailbox of nobody (`noreply@`, `info@`).
        """
        found = []
        for kind, normal in self._normal.items():
            value = normal(record.get(kind) or "")
            if value:
                found.append(Key(kind, self._digest(kind, value)))
        return found

    def _digest(self, kind: str, value: str) -> int:
        person = kind.encode()[:16]
        data = value.encode("utf-8", "surrogatepass")
        made = hashlib.blake2b(data, digest_size=8, key=self._secret, person=person)
        return int.from_bytes(made.digest(), "little", signed=True)


def _customer(text: str) -> str | None:
    """Return a customer number without blanks and signs, in capitals."""
    return _NO_SIGN.sub("", _flat(text)).upper() or None


def _account(text: str) -> str | None:
    """Return the stable id of a channel: it is told by every character."""
    return text.strip() or None


def _mail(text: str) -> str | None:
    """Return a mail address in lower case, without what is added behind a plus."""
    address = _flat(text).lower().removeprefix("mailto:")
    if not _MAIL.fullmatch(address):
        return None
    box, _, domain = address.rpartition("@")
    box = box.partition("+")[0]
    return None if not box or box in _NOBODY else f"{box}@{domain}"


@lru_cache(maxsize=16_384)
def _phone(text: str, region: str) -> str | None:
    """Return a phone number in E.164, if there can be such a number."""
    try:
        number = phonenumbers.parse(_flat(text), region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _flat(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


class Identity:
    """Which records are one person, by the keys they share; each merge explained, and reversible.

    A record and each of its keys are nodes of a `UnionFind`, the record itself is the evidence between them: who
    forgets a record takes back exactly what it held together. A key that more records share than its kind bears
    (`MOST_SHARING`) joins nobody from then on, and again when fewer do.

    Parameters
    ----------
    most : int
        Records and keys of a person at most; what would make more is kept aside.

    Examples
    --------
    >>> keys, found = Keys(b"sixteen bytes at least"), Identity()
    >>> found.add(1, keys.keys_of({"mail": "jan@acme.example"}))
    >>> found.add(2, keys.keys_of({"mail": "jan@acme.example", "customer": "A-17"}))
    >>> found.add(3, keys.keys_of({"customer": "a17"}))
    >>> found.records(3)
    [1, 2, 3]
    >>> found.remove(2)
    >>> found.records(3)
    [3]
    """

    def __init__(self, most: int = 200) -> None:
        self.found = UnionFind(most)
        self._keys_at: dict[int, tuple[Key, ...]] = {}
        self._sharing: dict[Key, int] = {}

    def add(self, record: int, keys: Iterable[Key]) -> None:
        """Take a record in, by its number (not negative); one that was there is replaced."""
        self.remove(record)
        self._keys_at[record] = tuple(dict.fromkeys(keys))
        for key in self._keys_at[record]:
            self._sharing[key] = self._sharing.get(key, 0) + 1
            self.found.link(_record_node(record), _key_node(key), record)
            if self._sharing[key] == MOST_SHARING[key.kind] + 1:
                self.found.weaken(_key_node(key))

    def remove(self, record: int) -> None:
        """Take back all that a record said; what held by it alone falls apart."""
        self.found.forget(record)
        for key in self._keys_at.pop(record, ()):
            self._sharing[key] -= 1
            if self._sharing[key] == MOST_SHARING[key.kind]:
                self.found.strengthen(_key_node(key))
            if not self._sharing[key]:
                del self._sharing[key]

    def keep_apart(self, left: int, right: int) -> None:
        """Say that two records are not the same person, whatever they share."""
        self.found.keep_apart(_record_node(left), _record_node(right))

    def allow(self, left: int, right: int) -> None:
        """Take `keep_apart` back."""
        self.found.allow(_record_node(left), _record_node(right))

    def records(self, record: int) -> list[int]:
        """Return all records of the person that a record is of, sorted; the first one names the person."""
        members = self.found.members(_record_node(record))
        return sorted(node >> 1 for node in members if not node & 1)

    def why(self, left: int, right: int) -> list[tuple[int, Key]]:
        """Return the chain of records and the keys they have that leads from one to the other; empty if none does."""
        return [self._said(edge) for edge in self.found.why(_record_node(left), _record_node(right))]

    def weak(self) -> list[Key]:
        """Return the keys that too many share to tell anybody."""
        return [key for key, n in self._sharing.items() if n > MOST_SHARING[key.kind]]

    def _said(self, edge: Edge) -> tuple[int, Key]:
        node = edge.left if edge.left & 1 else edge.right
        return edge.evidence, next(key for key in self._keys_at[edge.evidence] if _key_node(key) == node)


def _record_node(record: int) -> int:
    return record << 1


def _key_node(key: Key) -> int:
    """Return an odd number of its kind and digest, so that no record and no key of another kind has it."""
    return (((key.digest << 3) | KINDS.index(key.kind)) << 1) | 1
