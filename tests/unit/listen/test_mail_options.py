"""How a mailbox is set: one way to the password, and whose addresses are ours."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gehoor.core.errors import SettingError
from gehoor.listen.mail_options import MailOptions
from gehoor.listen.mail_place import MailPlace
from gehoor.listen.mail_quote import new_words
from gehoor.listen.mail_reply import MailReplyOptions


def options(**given: Any) -> MailOptions:
    known = {"host": "imap.acme.example", "user": "help@acme.example"} | given
    return msgspec.convert(known, MailOptions, dec_hook=lambda kind, value: kind(value))


def test_password_comes_from_one_place() -> None:
    for given in ({}, {"password": "$A", "password_file": "b"}):
        with pytest.raises(msgspec.ValidationError, match="one of the two"):
            options(**given)


def test_password_that_is_not_there_is_said_with_where_it_should_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAIL_PASSWORD", raising=False)
    with pytest.raises(SettingError, match="MAIL_PASSWORD"):
        options(password="$MAIL_PASSWORD").secret()
    with pytest.raises(SettingError, match="cannot be read"):
        options(password_file=str(tmp_path / "none")).secret()
    (tmp_path / "empty").touch()
    with pytest.raises(SettingError, match="is empty"):
        options(password_file=str(tmp_path / "empty")).secret()


def test_the_user_is_ours_where_nothing_else_is_said() -> None:
    assert options(password="a").own_addresses == ["help@acme.example"]
    assert options(password="a", user="help").own_addresses == []
    assert options(password="a", ours=["@Acme.example "]).own_addresses == ["@acme.example"]


def test_password_stands_in_no_log() -> None:
    reply = msgspec.convert(
        {"host": "a", "user": "b", "password": "geheim", "sender": "help@acme.example"}, MailReplyOptions
    )
    assert "geheim" not in repr(options(password="geheim")) + repr(reply)


@pytest.mark.parametrize("sender", ["help", "", "Acme <help@acme.example>\nBcc: x@y.example"])
def test_sender_that_is_no_address_is_refused(sender: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="sender must be a mail address"):
        msgspec.convert({"host": "a", "sender": sender}, MailReplyOptions)


def test_cursor_of_another_mailbox_means_nothing() -> None:
    place = MailPlace.of(None, "help@imap", ["INBOX"])
    place.folders["INBOX"].uid = 7
    assert MailPlace.of(place.cursor(), "help@imap", ["INBOX"]).folders["INBOX"].uid == 7
    for cursor, mailbox in ((place.cursor(), "sales@imap"), (b"{", "help@imap"), (b"[]", "help@imap")):
        assert MailPlace.of(cursor, mailbox, ["INBOX"]).folders["INBOX"].uid == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dank.\n\n-----Original Message-----\nFrom: Help\nSent: Monday\nTo: An\n\nOud", "Dank."),
        ("Dank.\n\nOn Mon, 3 May 2026 at 10:00, Help <help@acme.example>\nwrote:\n> Oud\n>> Ouder\n", "Dank."),
        ("Dank.\n\nAm 03.05.26 um 10:00 schrieb Help:\n> Oud", "Dank."),
        ("> alleen een citaat", "> alleen een citaat"),
        ("Ik kreeg dit:\n\n---------- Forwarded message ---------\nVan: Dief\n\nBetaal nu",) * 2,
        ("Van: mij\nKun je bellen?", "Van: mij\nKun je bellen?"),
        ("Ja.\n\n> vraag 2\nNee.", "Ja.\n\n> vraag 2\nNee."),
    ],
)
def test_only_the_mail_that_is_answered_is_set_apart(text: str, said: str) -> None:
    assert new_words(text)[0] == said
