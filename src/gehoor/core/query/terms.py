"""What only shows once a term is normalised as the texts are: that nothing is left of it, or too little."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from gehoor.core.query.error import QueryError
from gehoor.core.query.tree import Handle, Tag, Term
from gehoor.core.text import URL, TextBatch

__all__ = ["Placed", "check_terms", "written"]

_LEAST_LETTERS = 3


class Placed(NamedTuple):
    """A term of a query, and where it stands."""

    leaf: Term | Handle | Tag
    at: int
    is_near: bool = False


def written(leaf: Term | Handle | Tag) -> str:
    """Return a term with its sign and without its star, as it stands in a post.

    Examples
    --------
    >>> written(Handle("klm"))
    '@klm'
    """
    if isinstance(leaf, Term):
        return leaf.text
    return ("@" if isinstance(leaf, Handle) else "#") + leaf.name


def check_terms(text: str, placed: Sequence[Placed]) -> None:
    """Check all terms of a query at once.

    Raises
    ------
    QueryError
        A term of which nothing is left; a link; too short a beginning; a name that is none.
    """
    batch = TextBatch.of(pa.array([written(each.leaf) for each in placed], pa.string()))
    for i, each in enumerate(placed):
        if reason := _trouble(each, batch.normalised(i).strip(), batch.words_of(i)):
            raise QueryError(reason, text, each.at)


def _trouble(placed: Placed, plain: str, words: list[str]) -> str | None:
    leaf = placed.leaf
    if not plain:
        return "Nothing can be seen of this: write a word."
    if URL in plain:
        return "Links are not looked into: leave this out."
    if leaf.is_prefix and sum(map(len, words)) < _LEAST_LETTERS:
        return f"Before a * stand at least {_LEAST_LETTERS} letters, such as air*."
    if placed.is_near and not words:
        return "NEAR stands between two words or phrases: this holds no word."
    if not isinstance(leaf, Term) and not plain.startswith(words[0]):
        return f"Behind {written(leaf)[0]} comes a name of letters and digits, such as {written(leaf)[0]}acme."
    return None
