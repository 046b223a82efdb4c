"""Mail that hurts: each of `tests/data/mail` is stored as `expected.json` says, or rejected with its reason."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.page import RawPage
from gehoor.core.record import to_batch
from gehoor.listen.checks import check_decodes
from gehoor.listen.mail_decoder import MailDecoder
from gehoor.listen.times import parse_time

FOLDER = Path(__file__).parents[2] / "data" / "mail"
CASES: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
OPTIONS = {"ours": ["@acme.example"], "folder": "INBOX"}


def raw(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


def _at(value: Any, path: str) -> Any:
    """Return what stands in nested values at `attachments.0.name`."""
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value.get(step)
    return value


def _found(activity: Any, properties: dict[str, Any], name: str) -> Any:
    """Return what an expectation is about."""
    if name.startswith("properties."):
        return _at(properties, name.removeprefix("properties."))
    more = {
        "contains": activity.text,
        "id_starts": activity.id,
        "n_to": len(properties.get("to", [])),
        "subject_length": len(properties.get("subject", "")),
    }
    return more[name] if name in more else getattr(activity, name)


def _meets(activity: Any, properties: dict[str, Any], name: str, wanted: Any) -> bool:
    found = _found(activity, properties, name)
    if name in ("contains", "properties.quoted"):
        return wanted in found
    if name == "id_starts":
        return str(found).startswith(wanted)
    return bool(found == (parse_time(wanted) if name == "published" and wanted else wanted))


def test_there_are_many_and_each_has_its_expectation() -> None:
    assert {path.stem for path in FOLDER.glob("*.eml")} == set(CASES)
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_nasty_mail_is_stored_or_rejected_with_its_reason(name: str) -> None:
    expects = dict(CASES[name]["expects"])
    found = check_decodes(MailDecoder, raw(name), OPTIONS)
    assert found is not None
    if "rejected" in expects:
        assert found.activities == []
        assert expects["rejected"] in found.rejects[0].reason
        return
    (activity,) = found.activities
    assert (found.rejects, activity.channel, activity.visibility) == ([], "mail", "direct")
    properties = json.loads(activity.properties or "{}")
    wrong = {name: wanted for name, wanted in expects.items() if not _meets(activity, properties, name, wanted)}
    assert not wrong, activity


@pytest.mark.parametrize("name", CASES)
def test_no_part_of_a_mail_brings_the_decoder_down(name: str) -> None:
    whole = raw(name)
    chance = random.Random(name)
    for _ in range(6):
        at, length = chance.randrange(len(whole) + 1), chance.randrange(1, 200)
        torn = whole[:at] + chance.randbytes(3) + whole[at + length :]
        check_decodes(MailDecoder, torn, OPTIONS)


@given(
    header=st.sampled_from(["From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type", "Received"]),
    value=st.text(max_size=80) | st.binary(max_size=40).map(lambda data: data.decode("latin-1")),
    body=st.binary(max_size=200),
)
def test_no_header_and_no_body_brings_the_decoder_down(header: str, value: str, body: bytes) -> None:
    check_decodes(MailDecoder, f"Subject: x\n{header}: {value}\n\n".encode() + body, OPTIONS)


def test_a_mail_of_20_megabytes_keeps_its_attachment_by_reference_only() -> None:
    picture = (b"QUJD" * 19 + b"\r\n") * 270_000
    head = b"From: an@elders.example\r\nMessage-ID: <groot@elders.example>\r\nSubject: Foto\r\n"
    mail = head + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nZie foto.\r\n--x\r\n"
    mail += (
        b"Content-Type: image/png; name=groot.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + picture + b"--x--\r\n"
    )
    assert len(mail) > 20 << 20
    page = RawPage(source="desk", decoder="mail", payload=mail, received=9, options=OPTIONS)
    (activity,) = MailDecoder().decode(page).activities
    assert activity.text == "Foto\n\nZie foto."
    (attachment,) = json.loads(activity.properties or "")["attachments"]
    assert attachment["size"] == 270_000 * 57
    assert to_batch([activity]).nbytes < 10_000


def test_reading_a_hostile_mail_ends_soon() -> None:
    maze = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(180))
    page = RawPage(source="desk", decoder="mail", payload=b"Subject: x\n" + maze + b"x\n" * 1_000_000, received=9)
    (activity,) = MailDecoder().decode(page).activities
    assert json.loads(activity.properties or "")["is_cut"] is True
