"""What pages and programs ask of the desk: the inbox in a view, one conversation, a search, what changed since."""

from collections.abc import Mapping

from gehoor.core.clock import Clock
from gehoor.core.desk import Conversation, InboxPage, InboxRow, Snippet, View
from gehoor.core.member import Member
from gehoor.core.reader import Reader

__all__ = ["DeskReader"]


class DeskReader:
    """Answers questions about conversations; reads only.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    clock : Clock
        What is snoozed wakes by it.

    Notes
    -----
    Whoever may not see every team is shown the conversations of no team, of their own and what is assigned to them.
    """

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader, self._clock = reader, clock

    def inbox(self, view: str, member: Member, limit: int = 50, after: str | None = None) -> InboxPage:
        """Return the first conversations of a view, in its order, after a place that a page before ended at.

        Raises
        ------
        ViewError
            The view cannot be read: where, and what is known there (`core.desk_query`).
        """
        raise NotImplementedError

    def counts(self, views: Mapping[str, str], member: Member) -> dict[str, int]:
        """Return how many conversations each of some views holds, by name; at most 1,000 are counted of each."""
        raise NotImplementedError

    def conversation(self, id_: int, member: Member) -> Conversation | None:
        """Return all of a conversation; None where there is none, or it is not theirs to see.

        `id_` may be that of any message of it: what was put together opens under both.
        """
        raise NotImplementedError

    def search(self, text: str, member: Member, limit: int = 50) -> list[InboxRow]:
        """Return conversations in whose messages or notes all words stand, or whose person is called so; newest first.

        `text` is a view like any: `pindakaas is:resolved` looks among what is done.
        """
        raise NotImplementedError

    def version(self) -> str:
        """Return as of when the desk is seen now: for `changed_since`."""
        raise NotImplementedError

    def changed_since(self, version: str) -> list[int]:
        """Return the conversations that got a message, lost one, or were acted on since a version."""
        raise NotImplementedError

    def n_left_out(self) -> int:
        """Return how many public posts of the last day joined stories only, because too many came at once."""
        raise NotImplementedError

    def views(self, member: Member) -> list[View]:
        """Return the saved views of a member and of everybody, by name."""
        raise NotImplementedError

    def snippets(self) -> list[Snippet]:
        """Return the canned replies, by name and language."""
        raise NotImplementedError
