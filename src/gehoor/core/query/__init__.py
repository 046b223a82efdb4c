"""The brand query: a closed grammar over what people write, with AND OR NOT, phrases, NEAR, wildcards and fields.

In: the text that somebody typed. Out: a tree of frozen structs, or a `QueryError` that points at the character. It says
nothing of how a query is evaluated: `understand.queries` does that for a whole batch. `docs/query.md` is the grammar.
"""

from gehoor.core.query.error import QueryError
from gehoor.core.query.parser import parse
from gehoor.core.query.tree import And, Channel, Handle, Language, Near, Not, Or, Query, Tag, Term
from gehoor.core.query.writer import text_of

__all__ = [
    "And", "Channel", "Handle", "Language", "Near", "Not", "Or", "Query", "QueryError", "Tag", "Term", "parse",
    "text_of",
]  # fmt: skip
