"""What leads a burst: said in words only where several people said it."""

import msgspec
import pytest

from gehoor.core.alert import Lead
from gehoor.core.post import Post
from gehoor.core.words import buckets_of_words
from gehoor.warn.counting import Buckets, term_of
from gehoor.warn.leading import lead_of, shared_links
from gehoor.warn.spread_links import LINK_BITS, link_name
from tests.unit.warn.test_judge import _START, _posts

LINK = "https://nieuws.example/gate-d"


def _said(n: int, text: str, actor: str | None = None) -> list[Post]:
    fields = {field.name: None for field in msgspec.structs.fields(Post)}
    return [
        Post(**(fields | {"seq": k + 1, "id": f"p{k}", "actor": actor or f"a{k}", "text": text, "brands": ()}))  # type: ignore[arg-type]
        for k in range(n)
    ]


def test_link_that_three_people_shared_goes_round_however_it_was_written() -> None:
    posts = [*_said(2, f"kijk {LINK}?utm_source=x"), *_said(4, f"En nu? {LINK}")]
    [link] = shared_links(posts)
    assert (link.url, link.n_people) == (f"{LINK}?utm_source=x", 4)


def test_what_one_person_repeats_leads_nothing() -> None:
    posts = _said(9, f"gate {LINK}", actor="always the same")
    [bucket] = buckets_of_words(["gate"])
    assert shared_links(posts) == []
    assert lead_of(("term", bucket), posts, []) is None


@pytest.mark.parametrize("kind", ["channel", "motive"])
def test_channel_and_motive_lead_by_their_name(kind: str) -> None:
    lead = lead_of((kind, "shop"), [], [])
    assert lead is not None
    assert (lead.kind, lead.value) == (kind, "shop")


def test_word_and_link_are_found_again_among_what_was_said() -> None:
    posts = _said(5, f"Gate D is leeg {LINK}")
    [bucket] = buckets_of_words(["gate"])
    assert lead_of(("term", bucket), posts, []) == Lead("term", "gate")
    number = (link_name(LINK) or 0) & ((1 << LINK_BITS) - 1)
    assert lead_of(("link", number), posts, shared_links(posts)) == Lead("link", LINK)


def test_links_are_counted_by_brand_each_once_a_post() -> None:
    buckets = Buckets(["other"])
    buckets.add(_posts(_START, 3, text=[f"{LINK} en {LINK}", f"zie {LINK}", "niets"]))
    [closed] = buckets.close(_START + 14)
    found = {term_of(int(key)): n for key, n in zip(closed.terms, closed.n_terms, strict=True)}
    links = {key: n for key, n in found.items() if key[1][0] == "link"}
    assert links == {(buckets.brands.index("klm"), ("link", (link_name(LINK) or 0) & ((1 << LINK_BITS) - 1))): 2.0}
