"""What went wrong on the way to a server, in plain words: the host is named, never a token or a query."""

import ssl

import httpx

from gehoor.core.errors import TransientError
from gehoor.listen.limits import wait_of

__all__ = ["broken_call", "refused_call"]

_REFUSED_S = 300.0  # what a person must mend is not asked for every few seconds
_EXPIRED, _OTHER_HOST = 10, 62  # of OpenSSL's X509_V_ERR_...
_WAITS = frozenset({408, 425, 429})
_WORDS = {
    401: "refuses us (401): check the token.",
    403: "refuses us (403): check the token, and what it may read.",
    404: "has no such page (404): check the address.",
    408: "waited too long for our request (408).",
    410: "says that this is gone for good (410).",
    425: "asks us to come back later (425).",
    429: "asks us to call less often (429).",
}


def refused_call(host: str, status: int, headers: dict[str, str], now: int) -> TransientError:
    """Return what a status other than the wanted ones means for the caller.

    Parameters
    ----------
    headers : dict
        Names in lower case; they say when we may come back.
    now : int
        Microseconds UTC.
    """
    wait = wait_of(headers, now)
    if status in _WAITS or status >= 500:
        words = _WORDS.get(status, f"is in trouble itself ({status}).")
    else:
        wait = max(wait or 0.0, _REFUSED_S)
        words = _WORDS.get(status, f"gives an answer that we cannot use ({status}).")
    return TransientError(f"{host} {words}", wait)


def broken_call(host: str, error: Exception, limit_s: float) -> TransientError:
    """Return what an exception of the connection means for the caller.

    Parameters
    ----------
    limit_s : float
        How long we waited at most, seconds.
    """
    certificate = _certificate_error(error)
    if certificate is not None:
        return TransientError(f"{host} {_certificate_words(certificate)}", _REFUSED_S)
    if isinstance(error, httpx.ConnectTimeout):
        return TransientError(f"{host} does not pick up: no connection in time.")
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return TransientError(f"{host} took longer than {limit_s:.0f} s to answer.")
    if isinstance(error, httpx.ConnectError):
        return TransientError(f"{host} takes no connection now.")
    return TransientError(f"{host} broke off in the middle of its answer.")


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _certificate_words(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _EXPIRED:
        return "shows a certificate that has expired: its owner must renew it."
    if error.verify_code == _OTHER_HOST:
        return "shows the certificate of another server: check the address."
    return "shows a certificate that nobody we trust has signed: check the address."
