"""Every reason of the query grammar has words in both languages, and every option that is asked for has a name."""

from datetime import date
from html import unescape
from pathlib import Path

import pytest

from gehoor.core import registry, settings
from gehoor.core.errors import SettingError
from gehoor.core.query import QueryError, parse
from gehoor.core.settings_part import OURS
from gehoor.web.query_words import query_trouble
from gehoor.web.settings_brand import brand_form, brand_values, proposals
from gehoor.web.settings_fields import Field, shown, taken, typed_text
from gehoor.web.settings_form import Form, name_of
from gehoor.web.settings_kinds import GROUPS, KINDS, words_of
from gehoor.web.settings_plain import ONCE, PLAIN
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


FORMS = [
    *(Form(group=group, kind=kind) for group in GROUPS for kind in KINDS[group]),
    *(Form(group="table", name=name) for name in (*ONCE, "roster")),
    *(Form(group=group) for group in PLAIN if group not in (*ONCE, "roster")),
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.group}-{form.kind or form.name}")
def test_every_option_that_is_asked_for_exists_and_has_a_name(form: Form) -> None:
    ours = OURS.get(form.group, frozenset())
    options = form.plain.options if form.plain else registry.load(form.group, form.kind).Options
    known = {*options.__struct_fields__, *ours}
    assert [field.name for field in form.fields if field.name.partition(".")[0] not in known] == []
    assert [field.name for field in form.fields if form.label(field) not in catalogue("nl")] == []
    choices = [choice for field in form.fields for choice in form.choices(field)]
    assert [choice for choice in choices if not choice[1]] == []


def test_every_option_of_a_table_without_a_type_can_be_set_on_its_page() -> None:
    apart = {"desk": {"drafter", "policies"}, "roster": {"shifts"}}
    for name, one in PLAIN.items():
        asked = {field.name for field in one.fields}
        assert set(one.options.__struct_fields__) - asked == apart.get(name, set())


def test_every_kind_of_part_says_what_it_is() -> None:
    sentences = [f"set.kind.{words_of(group, kind)}{part}" for group in GROUPS for kind in KINDS[group]
                 for part in ("", ".add", ".say", ".help")]  # fmt: skip
    sentences += [f"set.kind.{one.words}{part}" for one in PLAIN.values() for part in ("", ".help")]
    assert [key for key in sentences if key not in catalogue("nl")] == []


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (Field(name="by", form="steps"), {"by.1": "mail", "by.2": "", "by.3": "phone"}, ["mail", "phone"]),
        (Field(name="days", form="ticks"), {"days.mon": "yes", "days.sun": "yes"}, ["mon", "sun"]),
        (Field(name="owners", form="pairs"), {"owners.1.key": "refund", "owners.1.to": "fin"}, {"refund": "fin"}),
        (Field(name="hours", form="week"), {"hours.mon": "09:00-12:00, 13:00-17:00"},
         {"mon": ["09:00-12:00", "13:00-17:00"]}),
        (Field(name="since", form="date"), {"since": "2026-12-24"}, date(2026, 12, 24)),
        (Field(name="from_level", form="choice"), {"from_level": "3"}, 3),
    ],
)  # fmt: skip
def test_what_is_typed_in_several_boxes_is_shown_as_it_was(field: Field, typed: dict[str, str], said: object) -> None:
    assert taken(field, typed, {}) == said
    assert shown(field, {field.name: said}) == typed_text(field, typed)
    assert taken(field, {}, {}) is None


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


@pytest.mark.parametrize(
    ("text", "dutch"),
    [
        ('[alerts]\nto = ["chat"]', "gehoor.toml, line 2: [alerts] to noemt 'chat', maar die afzender is er niet. "
         "Wel: nog geen, voeg er eerst een toe."),
        ('[desk]\nlate_to = ["chat"]', "[desk] late_to noemt 'chat', maar die afzender is er niet."),
        ('[mirror]\nto = ["chat"]', "[mirror] to noemt 'chat', maar die afzender van mail is er niet."),
        ('[repliers.care]\ntype = "pretend-reply"\nchannel = "mail"\nsources = ["post"]', "maar die bron is er niet."),
    ],
)  # fmt: skip
def test_a_name_that_is_in_no_other_table_is_refused_in_the_language_of_the_page(
    text: str, dutch: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingError) as refused:
        settings.parse(text, tmp_path)
    assert dutch in unescape(query_trouble(str(refused.value), DUTCH))
    assert str(query_trouble(str(refused.value), ENGLISH)).startswith("gehoor.toml, line")
