"""Short secrets at rest: sealed with the secret of the workspace, so that the tables alone give nothing away."""

import hashlib
import hmac
import secrets

from gehoor.core.errors import StoreError

__all__ = ["seal", "unseal"]

_NONCE = 16
_TAG = 16
_MOST = hashlib.blake2b.MAX_DIGEST_SIZE


def seal(key: bytes, secret: bytes, purpose: str) -> bytes:
    """Return a secret as it may be stored; the same secret looks different each time.

    A keyed hash of a fresh nonce is the pad, another of all of it the tag: no cipher is needed for what is this short.

    Parameters
    ----------
    key : bytes
        The secret of the workspace: `core.own_secret`.
    secret : bytes
        At most 64 bytes.
    purpose : str
        What it is for, and whose it is; what is put under another name does not open.

    Examples
    --------
    >>> unseal(b"k" * 32, seal(b"k" * 32, b"hush", "totp/a1"), "totp/a1")
    b'hush'
    """
    if len(secret) > _MOST:
        raise ValueError(f"a secret of more than {_MOST} bytes")
    nonce = secrets.token_bytes(_NONCE)
    hidden = _xor(secret, _hash(key, b"pad", nonce, purpose, len(secret)))
    return nonce + hidden + _hash(key, b"tag", nonce + hidden, purpose, _TAG)


def unseal(key: bytes, sealed: bytes, purpose: str) -> bytes:
    """Return the secret that was sealed.

    Raises
    ------
    StoreError
        It was sealed by another workspace or for something else, or was touched.
    """
    nonce, hidden, tag = sealed[:_NONCE], sealed[_NONCE:-_TAG], sealed[-_TAG:]
    if not hidden or not hmac.compare_digest(tag, _hash(key, b"tag", nonce + hidden, purpose, _TAG)):
        raise StoreError("A stored secret does not open with identity.key. Put that file back from a backup.")
    return _xor(hidden, _hash(key, b"pad", nonce, purpose, len(hidden)))


def _hash(key: bytes, role: bytes, data: bytes, purpose: str, size: int) -> bytes:
    """Return a keyed hash; the length stands before the purpose, so that no two inputs run together."""
    inner = hashlib.blake2b(key=key[:_MOST], person=b"gehoor-" + role, digest_size=size)
    inner.update(len(data).to_bytes(4, "big") + data + purpose.encode())
    return inner.digest()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
