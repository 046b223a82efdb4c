"""Words: which is suddenly everywhere, whatever else is said."""

import numpy as np

from gehoor.warn.terms import MOST_A_MINUTE, Terms


def _minute(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    words, counts = np.unique(rng.zipf(1.5, 600) % 5_000, return_counts=True)
    return words.astype(np.int64), counts.astype(np.float64)


def test_a_new_word_in_many_posts_stands_out_and_ordinary_ones_do_not(rng: np.random.Generator) -> None:
    terms = Terms()
    quiet = [terms.update(*_minute(rng)) for _ in range(600)]
    assert sum(len(keys) for keys, _, _ in quiet) <= 2
    words, counts = _minute(rng)
    keys, _, scores = terms.update(np.append(words, 999_999), np.append(counts, 40.0))
    assert keys.tolist() == [999_999]
    assert scores[0] > 1


def test_ten_million_different_words_take_no_more_memory_and_are_counted(rng: np.random.Generator) -> None:
    terms = Terms()
    size = len(Terms().state())
    for minute in range(20):
        keys = np.arange(minute * 500_000, (minute + 1) * 500_000, dtype=np.int64)
        terms.update(keys, np.ones(len(keys)))
    assert terms.n_dropped == 10_000_000 - 20 * MOST_A_MINUTE
    assert len(terms.state()) < size + 1_000_000


def test_a_restart_changes_no_score(rng: np.random.Generator) -> None:
    whole, minutes = Terms(), [_minute(rng) for _ in range(120)]
    for minute in minutes[:90]:
        whole.update(*minute)
    again = Terms.of(whole.state())
    for words, counts in minutes[90:]:
        for one, other in zip(whole.update(words, counts), again.update(words, counts), strict=True):
            assert np.array_equal(one, other)
