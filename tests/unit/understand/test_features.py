"""What a text is read by: words, pairs, pieces; and whom it is said to is not among them."""

import pyarrow as pa

from gehoor.core.hashing import hash_words
from gehoor.core.text import TextBatch
from gehoor.understand.features import BUCKETS, features_of


def _buckets(post: str) -> list[int]:
    return sorted(features_of(TextBatch.of(pa.array([post]))).bucket.tolist())


def test_all_handles_are_one() -> None:
    assert _buckets("@klm waar is mijn koffer") == _buckets("@an_other_2 waar is mijn koffer")


def test_a_link_has_no_pieces() -> None:
    assert _buckets("https://voorbeeld.nl/a") == (hash_words(["<url>"]) % BUCKETS).tolist()


def test_a_sign_between_words_is_no_handle() -> None:
    assert _buckets("info@an.nl") != _buckets("info@nu.nl")


def test_of_a_long_number_the_word_is_how_long_it_is() -> None:
    one, other, longer = (set(_buckets(number)) for number in ("11223344", "99887766", "998877665"))

    assert len(one & other) == 1
    assert not one & longer
