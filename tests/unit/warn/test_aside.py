"""Another matter beside a burst is told apart; what people ask next about the same one is not."""

from itertools import count
from typing import Any

import msgspec

from gehoor.core.clock import SECOND_US
from gehoor.core.post import Post
from gehoor.warn.aside import Aside, aside_of

_EMPTY: dict[str, Any] = {field.name: None for field in msgspec.structs.fields(Post)} | {"brands": ("acme",)}
_NUMBER = count(1)


def _posts(texts: list[str], since_s: float, every_s: float, *, n_people: int = 1_000) -> list[Post]:
    found = []
    for place, text in enumerate(texts):
        seq = next(_NUMBER)
        own: dict[str, Any] = {
            "seq": seq, "id": f"p{seq}", "type": "Create", "channel": "bluesky", "direction": "in", "text": text,
            "actor": f"a{place % n_people}", "event_at": round((since_s + place * every_s) * SECOND_US),
        }  # fmt: skip
        found.append(Post(**(_EMPTY | own)))
    return found


_STORM = [f"Acme ligt eruit, storing in regio {n % 40}, wat een storing" for n in range(300)]
_NORMAL = 2.0


def _found(recent: list[Post]) -> Aside | None:
    before = _posts(_STORM, 0, 2.0)
    return aside_of(before, sorted(recent, key=lambda post: post.event_at), {"acme"}, _NORMAL, 0.0)


def test_a_word_of_other_people_in_other_posts_is_another_matter() -> None:
    recent = _posts(_STORM[:60], 600, 2.0) + _posts([f"Mijn lader van acme smolt, {n}" for n in range(25)], 602, 4.0)
    found = _found(recent)
    assert found is not None
    assert found.word in {"lader", "smolt", "mijn"}
    assert 600 <= found.began_at <= 610


def test_what_is_asked_next_about_the_same_matter_is_no_other() -> None:
    more = _posts([f"Door de storing bij acme wil ik compensatie {n}" for n in range(40)], 602, 2.5)
    assert _found(_posts(_STORM[:60], 600, 2.0) + more) is None


def test_two_people_who_go_on_and_on_are_no_matter() -> None:
    few = _posts([f"Mijn lader van acme smolt, {n}" for n in range(40)], 602, 2.5, n_people=2)
    assert _found(_posts(_STORM[:60], 600, 2.0) + few) is None


def test_a_storm_that_goes_on_is_one_matter() -> None:
    assert _found(_posts(_STORM[:120], 600, 1.0)) is None
