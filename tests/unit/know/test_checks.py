"""Every purchase model keeps the contract of its room."""

from collections.abc import Callable

import pytest

from gehoor.core.errors import ContractError
from gehoor.know.checks import CHECKS, judges_each_customer_alone
from gehoor.know.choose import MODELS, PurchaseModelKind
from gehoor.know.mbgnbd import MBGNBD
from gehoor.know.outlook import Outlook
from gehoor.know.rfm import Histories


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", MODELS)
def test_model_keeps_the_contract(name: str, check: Callable[[PurchaseModelKind], None]) -> None:
    check(MODELS[name])


class Envious(MBGNBD):
    """Expects of each what it expects of the average."""

    def predict(self, given: Histories) -> Outlook:
        """Say what to expect of each customer in the weeks ahead."""
        look = super().predict(given)
        look.mean[:] = look.mean.mean()
        return look


def test_checks_see_a_model_that_judges_customers_by_the_others() -> None:
    with pytest.raises(ContractError, match="depends on who else is there"):
        judges_each_customer_alone(Envious)
