"""What keeps passwords, codes and sealed secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import StoreError
from gehoor.core.password import hash_password, is_password, password_trouble
from gehoor.core.seal import seal, unseal
from gehoor.core.second_factor import digest_of_code, new_secret, recovery_codes, step_of_code
from gehoor.core.throttle import LONGEST_S, pause_s

KEY = b"k" * 32


@given(st.binary(min_size=1, max_size=64), st.text(max_size=20))
def test_what_is_sealed_opens_under_its_own_name_only(secret: bytes, purpose: str) -> None:
    sealed = seal(KEY, secret, purpose)
    assert unseal(KEY, sealed, purpose) == secret
    for key, name in ((b"x" * 32, purpose), (KEY, purpose + "x")):
        with pytest.raises(StoreError):
            unseal(key, sealed, name)


@given(st.binary(min_size=1, max_size=64), st.data())
def test_a_sealed_secret_that_was_touched_does_not_open(secret: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, secret, "totp/a1"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(StoreError):
        unseal(KEY, bytes(sealed), "totp/a1")


@given(st.binary(max_size=200))
def test_anything_else_does_not_open(sealed: bytes) -> None:
    with pytest.raises(StoreError):
        unseal(KEY, sealed, "totp/a1")


@pytest.mark.parametrize(
    "password",
    ["password123", "Welkom2026!", "W4chtw00rd!!", "qwertyuiop", "1234567890", "aaaaaaaaaaaa", "zomer2026!!"],
)
def test_what_anybody_would_try_first_is_refused(password: str) -> None:
    assert password_trouble(password) == "common"


@pytest.mark.parametrize("password", ["Jan-Bakker-1", "jan@acme.example", "acme.example"])
def test_what_others_know_is_refused(password: str) -> None:
    assert password_trouble(password, "Jan Bakker", "jan@acme.example") == "own"


def test_a_password_is_the_same_however_its_letters_are_put_together() -> None:
    kept = hash_password("caf\N{LATIN SMALL LETTER E WITH ACUTE} om de hoek")
    assert is_password(kept, "cafe\N{COMBINING ACUTE ACCENT} om de hoek")
    assert not is_password(kept, "cafe om de hoek")
    assert not is_password(None, "nobody has this password")
    assert not is_password("rubbish", "rubbish")


def test_a_code_is_good_for_half_a_minute_either_way_and_once() -> None:
    import pyotp

    secret, now = new_secret(), 1_776_168_000 * SECOND_US
    code = pyotp.TOTP(secret).at(now // SECOND_US)
    step = step_of_code(secret, f" {code[:3]} {code[3:]}", now, 0)
    assert step is not None
    assert step_of_code(secret, code, now + 30 * SECOND_US, 0) == step
    assert step_of_code(secret, code, now + 90 * SECOND_US, 0) is None
    assert step_of_code(secret, code, now, step) is None


def test_recovery_codes_are_told_apart_from_any_other_and_read_in_any_hand() -> None:
    codes = recovery_codes()
    assert len({digest_of_code(KEY, code) for code in codes}) == len(codes)
    assert digest_of_code(KEY, codes[0].upper().replace("-", " ")) == digest_of_code(KEY, codes[0])


@given(st.floats(0, 10_000), st.integers(0, 50))
def test_a_pause_grows_and_is_never_long(n: float, n_free: int) -> None:
    assert 0 <= pause_s(n, n_free) <= pause_s(n + 1, n_free) <= LONGEST_S
