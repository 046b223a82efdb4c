"""Amounts as people write them."""

from gehoor.web.speech import Speech

__all__ = ["money"]

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
_CENTS_BELOW = 10


def money(speech: Speech, value: float, currency: str) -> str:
    """Return an amount, whole where it is large.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> money(Speech("nl", ZoneInfo("UTC")), 1140.4, "EUR"), money(Speech("en", ZoneInfo("UTC")), 9.5, "SEK")
    ('€\\xa01.140', 'SEK\\xa09.50')
    """
    text = speech.number(value, 2 if 0 < abs(value) < _CENTS_BELOW else 0)
    return f"{_SIGNS.get(currency, currency)}\N{NO-BREAK SPACE}{text}".lstrip()
