import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core.text import TextBatch
from gehoor.understand import word_product as module
from gehoor.understand.features import BUCKETS, features_of
from gehoor.understand.table import Table
from gehoor.understand.word_product import word_product
from tests.strategies import texts

TABLE = Table.load()
WEIGHTS = np.random.default_rng(1).integers(-127, 128, (BUCKETS, 5)).astype(np.int8)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.none() | texts, max_size=8))
def test_the_sums_are_those_of_all_features_of_each_text(posts: list[str | None]) -> None:
    batch = TextBatch.of(pa.array(posts, pa.string()))
    features = features_of(batch)
    rows = TABLE.rows(features)
    sums = word_product(batch, TABLE.idf, WEIGHTS)

    assert np.array_equal(sums.weighed, rows @ WEIGHTS.astype(np.float32))
    assert np.array_equal(np.sqrt(np.maximum(sums.squares, 1)), TABLE.norms(features))
    assert np.array_equal(sums.idf, np.asarray(rows.sum(axis=1)).ravel())


def test_a_tag_and_its_word_count_as_features_do() -> None:
    batch = TextBatch.of(pa.array(["#klm klm #klm", "klm en #nederland"]))

    assert np.array_equal(
        word_product(batch, TABLE.idf, WEIGHTS).weighed, TABLE.rows(features_of(batch)) @ WEIGHTS.astype(np.float32)
    )


def test_texts_taken_a_few_at_a_time_come_to_the_same() -> None:
    posts = [f"bericht {n} over de trein van {n % 7} uur" for n in range(40)]
    batch = TextBatch.of(pa.array(posts))
    spans = list(module._pieces_of(np.arange(0, 41 * 20_000, 20_000)))

    assert spans == [(n, n + 1) for n in range(40)]
    whole = word_product(batch, TABLE.idf, WEIGHTS).weighed
    alone = [word_product(TextBatch.of(pa.array([post])), TABLE.idf, WEIGHTS).weighed[0] for post in posts]
    assert np.array_equal(whole, np.array(alone))


def test_handles_and_links_count_as_features_do() -> None:
    batch = TextBatch.of(pa.array(["@klm en @an #klm https://x.nl/a", "@an", "mail naar info@an.nl of @ an"]))

    assert np.array_equal(
        word_product(batch, TABLE.idf, WEIGHTS).weighed, TABLE.rows(features_of(batch)) @ WEIGHTS.astype(np.float32)
    )
