"""Every reason of the query grammar has words in both languages, and every option that is asked for has a name."""

import pytest

from gehoor.core import registry
from gehoor.core.query import QueryError, parse
from gehoor.core.settings_part import OURS
from gehoor.web.query_words import query_trouble
from gehoor.web.settings_brand import brand_form, brand_values, proposals
from gehoor.web.settings_fields import GROUPS, KINDS
from gehoor.web.settings_form import Form, name_of
from gehoor.web.speech import catalogue
from tests.unit.web.test_speech import DUTCH, ENGLISH

WRONG = (
    "", "x " * 10_001, ")", "- koffer", "a NEAR/5 (b c)", "a NEAR/5 b NEAR/5 c", "(koffer", " OR ".join(f"w{n}" for n in
    range(2_001)), "(" * 22 + "koffer" + ")" * 22, "koffer OR", "OR koffer", "()", "-koffer", "lang:nl", "channel:mail",
    '"koffer', '""', "ko*", "@ koffer", "&koffer", "lang:dutch", "channel:", "https://acme.example", "foo:bar",
    "lan:nl", "a NEAR/99 b", "kof*fer", "k" * 500, "*", '":(" NEAR/5 koffer',
)  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_every_reason_of_the_grammar_has_dutch_words(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    reason = caught.value.reason
    assert str(query_trouble(reason, ENGLISH)).replace("&#39;", "'") == reason or "&" in reason
    assert query_trouble(reason, DUTCH) != query_trouble(reason, ENGLISH)


def test_a_reason_without_words_of_ours_is_shown_as_it_is() -> None:
    assert query_trouble("<b> is new", DUTCH) == "&lt;b&gt; is new"


def test_every_option_that_is_asked_for_exists_and_has_a_name() -> None:
    for group in GROUPS:
        assert set(KINDS[group]) <= set(registry.names(group))
        for kind, fields in KINDS[group].items():
            form = Form(group=group, kind=kind)
            known = registry.load(group, kind).Options.__struct_fields__
            assert [field.name for field in fields if field.name not in (*known, *OURS[group])] == []
            assert [field.name for field in fields if form.label(field) not in catalogue("nl")] == []
            sentences = [f"set.kind.{kind}{part}" for part in ("", ".add", ".say", ".help")]
            assert [key for key in sentences if key not in catalogue("nl")] == []
            choices = [f"set.{field.name}.{choice or 'auto'}" for field in fields for choice in field.choices]
            assert [key for key in choices if key not in catalogue("nl")] == []


@pytest.mark.parametrize("terms", [["acme"], ["acme", "acme bank", "@acme", "#acme"], ["AND"], ["a:b"], ['say "hi"']])
def test_terms_shown_as_a_query_are_kept_as_they_are(terms: list[str]) -> None:
    stands = {"terms": terms, "label": "A"}
    form = brand_form("a", stands, None)
    parse(form.values["query"])
    assert brand_values(form, stands) == stands


@pytest.mark.parametrize("label", ["KLM", "Acme Bank", "H&M", "Ziggo!", "3", "日本航空", "", "  "])
def test_every_proposal_is_a_query(label: str) -> None:
    assert all(parse(query) for query in proposals(label))


def test_a_name_is_free_and_fits() -> None:
    assert name_of("https://Nieuws.example/feed?x=1", set()) == "https-nieuws-example-feed-x-1"
    assert name_of("日本", {"x", "x-2"}) == "x-3"
    assert len(name_of("a" * 300, {"a" * 56})) <= 64
