"""The one ordered step: what is said of rows by what came before them, and what is remembered of them for that."""

from typing import NamedTuple, Protocol

import numpy as np

from gehoor.core.ledger.batch import Ints, Numbers
from gehoor.core.ledger.habit import Codes, Habits

__all__ = ["GroupingStage", "Keyed", "KeyedStage", "Verdicts"]


class KeyedStage(Protocol):
    """Near duplicates (`sift.duplicate`)."""

    def judge(self, seqs: Ints, numbers: Numbers) -> Ints:
        """Return for each row the offset of the earlier post that it nearly repeats, 0 if none."""
        ...

    def rejudge(self, seqs: Ints, numbers: Numbers) -> Ints:
        """Judge copies again whose original went."""
        ...

    def withdraw(self, seqs: Ints) -> None:
        """Forget rows: nothing may repeat them any more."""
        ...

    def restore(self, seqs: Ints, numbers: Numbers, duplicate_of: Ints) -> None:
        """Take up rows that were judged before a restart, in order."""
        ...

    def clear(self) -> None:
        """Forget everything; `restore` follows."""
        ...


class GroupingStage(Protocol):
    """Posts that one template made (`sift.campaign`)."""

    def judge(self, seqs: Ints, templates: Ints) -> Ints:
        """Return for each row the offset of the first post of its campaign, 0 if it is the first, or in none."""
        ...

    def restore(self, seqs: Ints, templates: Ints, campaigns: Ints) -> None:
        """Take up rows that were judged before a restart, in order."""
        ...

    def clear(self) -> None:
        """Forget everything; `restore` follows."""
        ...


class Verdicts(NamedTuple):
    """What the ordered step says of rows: whom each repeats, its campaign, its author's language; 0 where nothing."""

    duplicate_of: Ints
    campaign: Ints
    language: Codes


class Keyed:
    """Near duplicates, campaigns and habits, side by side.

    Parameters
    ----------
    duplicates, templates
        Empty.
    window : int
        How many rows back they reach.
    """

    def __init__(self, duplicates: KeyedStage, templates: GroupingStage, window: int) -> None:
        self.duplicates = duplicates
        self._templates = templates
        self._window = window
        self._habits = Habits(window)

    def clear(self) -> None:
        """Forget everything."""
        self.duplicates.clear()
        self._templates.clear()
        self._habits = Habits(self._window)

    def restore(self, seqs: Ints, numbers: Numbers, duplicate_of: Ints) -> None:
        """Take up rows of before a restart, in order."""
        self.duplicates.restore(seqs, numbers, duplicate_of)
        self._templates.restore(seqs, numbers.template, numbers.campaign)
        self._habits.restore(seqs, numbers)

    def judge(self, seqs: Ints, numbers: Numbers) -> tuple[Numbers, Verdicts]:
        """Return the verdicts on rows, and their numbers with what must be remembered; and remember it.

        A copy is in the campaign of its original, so only originals ask for theirs.
        """
        duplicate_of = self.duplicates.judge(seqs, numbers)
        template = np.where(duplicate_of == 0, numbers.template, 0)
        campaign = self._templates.judge(seqs, template)
        language = self._habits.judge(seqs, numbers)
        return numbers._replace(template=template, campaign=campaign), Verdicts(duplicate_of, campaign, language)

    def withdraw(self, seqs: Ints) -> None:
        """Take rows back that were deleted or edited."""
        self.duplicates.withdraw(seqs)
        self._habits.withdraw(seqs)
