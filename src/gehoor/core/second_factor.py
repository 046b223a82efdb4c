"""A second factor: codes of an authenticator app (TOTP), and recovery codes for when the phone is lost.

References
----------
M'Raihi et al., RFC 6238, 2011.
"""

import hashlib
import hmac
import secrets

import pyotp

from gehoor.core.clock import SECOND_US

__all__ = ["N_RECOVERY", "digest_of_code", "new_secret", "recovery_codes", "setup_address", "step_of_code"]

N_RECOVERY = 10
_STEP_S = 30
_NEAR = 1  # a clock may be half a minute off, either way
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """Return a fresh secret for an app: base32, 160 bits."""
    return pyotp.random_base32()


def setup_address(secret: str, mail: str, workspace: str) -> str:
    """Return the otpauth:// address that an app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=mail, issuer_name=workspace)


def step_of_code(secret: str, code: str, now: int, after: int) -> int | None:
    """Return the half minute that a code is of; None where it is none, or not later than `after`: each works once.

    Parameters
    ----------
    now : int
        Microseconds UTC.
    after : int
        The half minute of the last code that was used.
    """
    digits = "".join(code.split())
    here = now // (SECOND_US * _STEP_S)
    totp = pyotp.TOTP(secret)
    for step in range(here - _NEAR, here + _NEAR + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step
    return None


def recovery_codes() -> list[str]:
    """Return fresh codes, each good for one time in: 50 bits."""
    return ["-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2)) for _ in range(N_RECOVERY)]


def digest_of_code(key: bytes, code: str) -> str:
    """Return what is kept of a recovery code, under the secret of the workspace; capitals and signs do not matter."""
    letters = "".join(char for char in code.lower() if char.isalnum())
    return hashlib.blake2b(letters.encode(), key=key[:64], person=b"gehoor-recovery"[:16], digest_size=12).hexdigest()
