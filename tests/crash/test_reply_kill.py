"""Killed between sent and noted, at any moment: an answer stands on its channel once, and once in the ledger."""

import signal
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from gehoor.run.processes import processes
from tests.bench.recording import recorded
from tests.cast import AGENT, HOPPER
from tests.component.desking import Desking
from tests.component.dovecot import PASSWORD, Dovecot
from tests.component.mastodon import ADA, GRACE, Fediverse
from tests.component.post_office import Postbox, post_office
from tests.crash.reply_program import work

_COUNTED = {"command": "python -m pytest -m proof tests/crash/test_reply_kill.py", "n_answers": 60, "n_kills": 50}
_LOOKED_UP_S = 8.0  # what is in doubt is looked up after five
_MAILER = """
[repliers.post]
type = "mail-reply"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "help@acme.example"

[repliers.post.mailbox]
host = "127.0.0.1"
port = {imap}
security = "none"
user = "help"
password = "{password}"
"""


def _torment(root: Path, n_answers: int, n_kills: int, longest_s: float) -> None:
    """Answer messages, kill whoever sends the answers so many times, and look for each of them."""
    with Fediverse() as fediverse:
        desk = Desking(root, url=fediverse.url, token=ADA)
        numbers = [fediverse.say(f"waar blijft koffer {n}", GRACE) for n in range(n_answers)]
        names = [f"127.0.0.1:{fediverse.port}/statuses/{number}" for number in numbers]
        desk.hear(AGENT.says("Wij vliegen", id="a1"))
        for place, name in enumerate(names):
            desk.hear(HOPPER.says(f"waar blijft koffer {place}", id=name, to="a1"))
            conversation = desk.inbox("is:unanswered")[0]
            if place:
                desk.do("split", conversation=conversation, other=place + 2)
            desk.answer(place + 2, f"Antwoord {place}")
        desk.close()
        rng = np.random.default_rng(5)
        for kill in range(n_kills + 1):
            _run(root, None if kill == n_kills else float(rng.uniform(0.0, longest_s)))
        for place, number in enumerate(numbers):
            found = fediverse.call("GET", f"statuses/{number}/context", ADA)["descendants"]
            assert len(found) == 1, (place, found)
        desk = Desking(root, url=fediverse.url, token=ADA)
        assert desk.stored("SELECT state, count(*) FROM desk_reply GROUP BY state") == [("sent", n_answers)]
        heard = "SELECT count(*), count(DISTINCT text) FROM activity WHERE text LIKE 'Antwoord %'"
        rows = [part.query(heard)[0] for part in desk.place.projector.ledger.segments.all]
        assert sum(row[0] for row in rows) == n_answers, rows
        desk.close()


def _run(root: Path, kill_after_s: float | None, patience_s: float | None = None) -> None:
    """Let who sends begin, forked from a process that has loaded everything, and kill them."""
    context = processes()
    context.set_forkserver_preload(["gehoor.run.warm", work.__module__])
    ours, theirs = context.Pipe()
    running = context.Process(target=work, args=(root, patience_s, theirs))
    running.start()
    theirs.close()
    assert ours.recv() == "ready"
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        running.kill()
    running.join(60)
    assert running.exitcode in ({0} if kill_after_s is None else {0, -signal.SIGKILL})


def _torment_mail(root: Path, n_answers: int, n_kills: int, longest_s: float) -> tuple[int, int]:
    """Do the same by mail, where a server takes a letter twice; return how many were sent, and are in doubt."""
    postbox = Postbox()
    with Dovecot() as dovecot, post_office(postbox) as port:
        desk = Desking(root, _MAILER.format(port=port, imap=dovecot.port, password=PASSWORD))
        for place in range(n_answers):
            said = HOPPER.says(f"waar blijft koffer {place}", id=f"<{place}@mail.example>")
            desk.hear(replace(said, channel="mail", visibility="direct", actor=f"an{place}@mail.example"))
            desk.answer(place + 1, f"Antwoord {place}")
        desk.close()
        rng = np.random.default_rng(7)
        for _ in range(n_kills):
            _run(root, float(rng.uniform(0.0, longest_s)))
        _run(root, None, _LOOKED_UP_S)
        desk = Desking(root)
        states = dict(desk.stored("SELECT text, state FROM desk_reply"))
        desk.close()
    came = Counter(letter.get_content().strip() for letter in postbox.letters)
    assert max(came.values()) == 1, came
    assert set(states.values()) <= {"sent", "unknown"}, states
    assert [text for text, state in states.items() if state == "sent" and not came[text]] == []
    assert len(states) == n_answers
    return len(states) - (in_doubt := list(states.values()).count("unknown")), in_doubt


def test_killed_while_it_mails_no_letter_leaves_twice_and_a_doubt_is_said(tmp_path: Path) -> None:
    _torment_mail(tmp_path / "workspace", 4, 3, 0.3)


@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_killed_fifty_times_while_it_mails_no_letter_leaves_twice_and_a_doubt_is_said(
    tmp_path: Path, repository: Path
) -> None:
    n_sent, n_in_doubt = _torment_mail(tmp_path / "workspace", 60, 50, 1.2)
    assert (n_sent + n_in_doubt, n_sent > 0) == (60, True)
    with recorded(repository, "desk") as figures:
        figures["killed_while_it_mails"] = _COUNTED | {"n_sent_once": n_sent, "n_in_doubt": n_in_doubt, "n_twice": 0}


def test_killed_while_it_answers_each_answer_stands_there_once(tmp_path: Path) -> None:
    _torment(tmp_path / "workspace", 4, 3, 0.15)


@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_killed_fifty_times_while_it_answers_each_answer_stands_there_once(tmp_path: Path, repository: Path) -> None:
    _torment(tmp_path / "workspace", 60, 50, 0.1)
    with recorded(repository, "desk") as figures:
        figures["killed_while_it_answers_on_mastodon"] = _COUNTED | {"n_sent_once": 60, "n_in_doubt": 0, "n_twice": 0}
