"""Which country a place lies in, as far as its own words say so."""

from holidays.registry import COUNTRIES

__all__ = ["country_of"]

_NAMES = {name.replace("_", " "): codes[1] for name, codes in COUNTRIES.items() if name not in {"georgia", "jordan"}}
_NAMES |= {
    "nederland": "NL", "the netherlands": "NL", "holland": "NL", "belgië": "BE", "belgie": "BE", "belgique": "BE",
    "duitsland": "DE", "deutschland": "DE", "frankrijk": "FR", "spanje": "ES", "españa": "ES", "italië": "IT",
    "italia": "IT", "luxemburg": "LU", "verenigd koninkrijk": "GB", "uk": "GB", "england": "GB", "engeland": "GB",
    "scotland": "GB", "wales": "GB", "great britain": "GB", "usa": "US", "united states of america": "US",
    "verenigde staten": "US", "suriname": "SR", "curaçao": "CW", "turkije": "TR", "türkiye": "TR", "polen": "PL",
    "polska": "PL", "marokko": "MA", "österreich": "AT", "oostenrijk": "AT", "schweiz": "CH", "zwitserland": "CH",
}  # fmt: skip
_CODES = {codes[1] for codes in COUNTRIES.values()}


def country_of(place: str | None) -> str | None:
    """Return the ISO code of the country that a place ends in, or is; None where it names none.

    A code counts alone only: in "Los Angeles, CA" it is a state. Georgia and Jordan are also a state and a name.

    Examples
    --------
    >>> [country_of(place) for place in ("Utrecht, Nederland", "BE", "Los Angeles, CA", "thuis", None)]
    ['NL', 'BE', None, None, None]
    """
    if not place:
        return None
    if place.strip() in _CODES:
        return place.strip()
    return _NAMES.get(place.rpartition(",")[2].strip().casefold())
