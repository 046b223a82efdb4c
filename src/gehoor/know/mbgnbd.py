"""MBG/NBD: the BG/NBD in which customers may leave after their first order too."""

from typing import ClassVar

from gehoor.know.bgnbd import BGNBD
from gehoor.know.likelihood import Prior

__all__ = ["MBGNBD"]


class MBGNBD(BGNBD):
    """Rates are gamma (r, alpha), the chance to leave after any order, the first too, is beta (a, b).

    References
    ----------
    .. [1] E. P. Batislam, M. Denizel, A. Filiztekin, Empirical validation and comparison of models for customer base
           analysis, International Journal of Research in Marketing 24 (2007).
    """

    prior: ClassVar = Prior((0.6, 8.0, 0.9, 1.6), (0.5, 0.9, 0.4, 0.5))
    _first: ClassVar = 1
