"""Whatever a stranger writes stays text."""

import pytest

from gehoor.web.safe import excerpt, link_of, plain, split, tongue


@pytest.mark.parametrize(
    "url",
    [
        None, "", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "\x01javascript:alert(1)", "java\nscript:alert(1)",
        "data:text/html,<script>", "vbscript:x", "//evil.example/x", "/posts", "https://", "https://[::1", "ftp://example.org",
        "https://bank.example@evil.example/", "mailto:a@b.example",
    ],
)  # fmt: skip
def test_an_address_that_could_do_harm_is_no_link(url: str | None) -> None:
    assert link_of(url) is None


def test_an_ordinary_address_is_a_link_without_quotes_or_spaces() -> None:
    assert link_of("https://example.org/a?b=1#c") == "https://example.org/a?b=1#c"
    assert link_of('https://example.org/"onmouseover="x y') == "https://example.org/%22onmouseover=%22x%20y"


def test_control_characters_and_half_surrogates_are_taken_out() -> None:
    assert plain("a\x00b\x1bc\ud83dd\ne") == "abc?d\ne"
    assert plain(None) == ""


@pytest.mark.parametrize(
    ("given", "tag"), [("nl", "nl"), ("und", None), (None, None), ('x" onclick', None), ("EN", None)]
)
def test_only_a_real_language_tag_is_set(given: str | None, tag: str | None) -> None:
    assert tongue(given) == tag


def test_a_long_text_is_cut_at_a_space_and_loses_nothing() -> None:
    text = "woord " * 1_000
    shown, rest = split(text)
    assert len(shown) <= 1_500
    assert shown + rest == text
    assert split("x" * 4_000)[0] == "x" * 1_500


def test_an_excerpt_shows_bytes_that_are_no_text() -> None:
    assert excerpt(b"\xff\xfe{") == "\ufffd\ufffd{"
    assert len(excerpt(b"x" * 50_000)) < 2_100
