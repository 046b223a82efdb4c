"""Who is told: settings of people, each mistake named with its line, and kept by what the pages change."""

from pathlib import Path

import pytest

from gehoor.core.errors import SettingError
from gehoor.core.settings import parse
from gehoor.core.settings_edit import set_keys

HOOK = '[senders.hook]\ntype = "webhook"\nurl = "https://a.example"\nsecret = "$X"\n'
ANNA = '[alerts]\nto = []\n[alerts.people.anna]\nby = ["hook"]\nquiet = "22:00-07:00"\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[alerts.people.anna]\nby = ["nobody"]', 6, "there is no sender named 'nobody'"),
        ('[alerts.people.anna]\nby = ["hook"]\nquiet = "10 to 7"', 7, "write it as 22:00-07:00"),
        ('[alerts.people.anna]\nby = ["hook"]\nfrom_level = 4', 7, "Allowed: 1, 2, 3"),
        ('[alerts.people.anna]\nby = ["hook"]\ntimezone = "Mars"', 7, "timezone is not known"),
        ("[alerts]\npeople = 3", 6, "people must be a table"),
        ('[roles]\npers = ["x"]', 6, "Did you mean 'press'?"),
    ],
)
def test_what_is_wrong_with_who_is_told_is_named_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(SettingError) as caught:
        parse(HOOK + text, Path())
    assert f"line {line}" in str(caught.value)
    assert said in str(caught.value)


def test_what_a_page_changes_in_alerts_leaves_the_people_alone() -> None:
    text = set_keys(HOOK + ANNA, "alerts", {"to": ["hook"], "false_alarms_per_week": 2.0})
    alerts = parse(text, Path()).alerts
    assert (alerts.to, alerts.false_alarms_per_week, alerts.people["anna"].by) == (("hook",), 2.0, ("hook",))
