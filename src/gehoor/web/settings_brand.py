"""A brand on a page: one query, whether `gehoor.toml` holds terms, a query or both; and what it would have heard."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from gehoor.core.query import And, Handle, Near, Not, Or, Query, QueryError, Tag, Term, parse, text_of
from gehoor.core.text import TextBatch
from gehoor.run.preview import Preview, preview
from gehoor.understand.queries import Queries
from gehoor.web.settings_form import Form
from gehoor.web.site import Site

__all__ = ["Look", "brand_form", "brand_values", "look_at", "proposals"]

_MOST = 50_000
"""So many of the newest posts are looked at while somebody types: 0.6 s."""

_NEARLY_ALL = 0.5


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to say of a query.

    Attributes
    ----------
    error : QueryError, optional
        It cannot be read.
    found : Preview, optional
        What it would have heard; None where nothing was ever heard.
    hears : bool, optional
        Whether it hears a sentence that somebody tried.
    is_broad : bool
        It hears most of all that is said.
    """

    error: QueryError | None = None
    found: Preview | None = None
    hears: bool | None = None
    is_broad: bool = False


def look_at(site: Site, query: str, sentence: str = "") -> Look:
    """Return what a query would have heard in the last seven days, and whether it hears a sentence."""
    try:
        tree = parse(query)
    except QueryError as error:
        return Look(error=error)
    found = preview(site.reader, site.settings, query, most=_MOST)
    hears = _hears(tree, sentence) if sentence.strip() else None
    is_broad = found.n_looked_at > 0 and found.n > _NEARLY_ALL * found.n_looked_at
    return Look(found=found if found.n_looked_at else None, hears=hears, is_broad=is_broad)


def _hears(query: Query, sentence: str) -> bool:
    """Tell whether a query hears a sentence, wherever and in whatever language it may stand."""
    known = {"language": pa.array([None], pa.string()), "channel": pa.array([None], pa.string())}
    post, _ = Queries({"one": _anywhere(query)}).match(TextBatch.of(pa.array([sentence])), known)
    return len(post) > 0


def _anywhere(query: Query) -> Query:
    """Return a query without the languages and channels that it asks for: a sentence has neither."""
    if isinstance(query, And):
        kept = tuple(_anywhere(part) for part in query.parts if _has_words(part))
        return kept[0] if len(kept) == 1 else And(kept)
    return query


def _has_words(query: Query) -> bool:
    match query:
        case And(parts) | Or(parts):
            return any(map(_has_words, parts))
        case Not(part):
            return _has_words(part)
    return isinstance(query, (Term, Handle, Tag, Near))


def brand_form(name: str, stands: Mapping[str, Any], typed: Mapping[str, str] | None) -> Form:
    """Return the form of a brand; see `settings_form.part_form`."""
    if typed is None:
        typed = {"label": stands.get("label") or name, "query": _query_of(stands)}
    values = {field: typed.get(field, "").strip() for field in ("label", "query", "sentence")}
    return Form(group="brands", name=name, values=values)


def brand_values(form: Form, stands: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `gehoor.toml` should say of a brand, with what is wrong put into `form.errors`."""
    label, query = form.values["label"], form.values["query"]
    if not label:
        form.errors["label"] = "set.wrong.empty"
    words: dict[str, Any] = {}
    if stands and query == _query_of(stands):
        words = {key: stands[key] for key in ("terms", "query") if key in stands}
    else:
        try:
            tree = parse(query)
        except QueryError as error:
            form.errors["query"] = error.reason
        else:
            terms = _terms_of(tree)
            words = {"terms": terms} if terms else {"query": query}
    shown = {} if label == form.name and "label" not in stands else {"label": label}
    return shown | words


def _query_of(stands: Mapping[str, Any]) -> str:
    """Return terms and query of a brand as one query."""
    parts = [_quoted(term) for term in stands.get("terms", ())]
    query = stands.get("query")
    if query and parts:
        return " OR ".join([*parts, f"({query})"])
    return query or " OR ".join(parts)


def _quoted(term: str) -> str:
    """Return a term as a query: it may look like an operator, or hold signs."""
    term = " ".join(term.replace('"', " ").split())
    try:
        if isinstance(tree := parse(term), (Term, Handle, Tag)):
            return text_of(tree)
    except QueryError:
        pass  # such as `AND`, or `a:b`: as a phrase it is fine
    return f'"{term}"'


def _terms_of(query: Query) -> list[str]:
    """Return the terms of a query that is nothing but terms; none for any other."""
    parts: Sequence[Query] = query.parts if isinstance(query, Or) else (query,)
    terms = [_term(part) for part in parts]
    return [term for term in terms if term] if all(terms) else []


def _term(part: Query) -> str | None:
    match part:
        case Term(text, False):
            return text
        case Handle(name, False):
            return f"@{name}"
        case Tag(name, False):
            return f"#{name}"
    return None


def proposals(label: str) -> list[str]:
    """Return queries that somebody may begin with, from what a brand is called: by name, handle and tag.

    Examples
    --------
    >>> proposals("Acme Bank")
    ['"Acme Bank"', '"Acme Bank" OR @acmebank OR #acmebank', '"Acme Bank" -vacature -vacancy']
    """
    joined = "".join(char for char in label.lower() if char.isalnum())
    if not joined:
        return []
    plain = _quoted(label)
    wider = f"{plain} OR @{joined} OR #{joined}" if len(label.split()) > 1 else f"{plain.lower()}*"
    return [query for query in (plain, wider, f"{plain} -vacature -vacancy") if _is_query(query)]


def _is_query(text: str) -> bool:
    try:
        parse(text)
    except QueryError:
        return False
    return True
