"""What can be set for a mailbox: how to get in, and what of it is read."""

from typing import Annotated

import msgspec

from gehoor.listen.mail_login import MailLogin

__all__ = ["ImapLogin", "MailOptions"]


class ImapLogin(MailLogin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How we get into a mailbox over IMAP: as `MailLogin`, and always as somebody.

    Attributes
    ----------
    port : int, optional
        993 with `tls`, else 143.
    user : str
        Whose mailbox it is.
    """

    user: Annotated[str, msgspec.Meta(min_length=1)]


class MailOptions(ImapLogin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.<name>]` with `type = "mail"`; the way in as `ImapLogin` has it.

    Attributes
    ----------
    folders : list of str
        What is read. Of the first we hear at once, of the others every `every_s`. Name the folder of sent mail too, and
        what is answered elsewhere is known here.
    ours : list of str
        Our own addresses, or `@example.org` for all of a domain: what comes from there is an answer of ours. Without
        it the `user`, where that is an address.
    back_days : int
        How far back the first reading goes.
    every_s : int
        How often we look, where the server does not tell us.
    """

    folders: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("INBOX",)
    ours: tuple[str, ...] = ()
    back_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 30
    every_s: Annotated[int, msgspec.Meta(ge=1, le=1_500)] = 60

    @property
    def own_addresses(self) -> list[str]:
        """Our addresses and domains, in lower case."""
        known = self.ours or ((self.user,) if "@" in self.user else ())
        return [address.strip().lower() for address in known]
