"""A real mail server, Dovecot, on loopback: its own folder, its own ports, gone when the test is."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

__all__ = ["PASSWORD", "Dovecot"]

PASSWORD = "geheim"
_UP_S = 20.0
_CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
mail_location = maildir:{root}/mail/%u:INDEX={root}/index/%u
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
mail_uid = {uid}
mail_gid = {gid}
auth_failure_delay = 0
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
{more}
"""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port: int = trial.getsockname()[1]
    return port


class Dovecot:
    """The server; `with` starts it and leaves nothing behind. Every user has the same password.

    Parameters
    ----------
    certificate, key : Path, optional
        Of `localhost`, for TLS.
    tokeninfo : str
        The address that says whose access token it is.
    more : str
        More of its configuration.
    """

    def __init__(
        self, *, certificate: Path | None = None, key: Path | None = None, tokeninfo: str = "", more: str = ""
    ) -> None:
        self._program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        if not Path(self._program).exists():
            if os.environ.get("CI"):
                pytest.fail("dovecot-imapd is missing: .ci/run installs it")
            pytest.skip("needs Debian's dovecot-imapd")
        self.port, self.tls_port = _free_port(), _free_port()
        self._files = (certificate, key)
        self._tokeninfo, self._more = tokeninfo, more

    def __enter__(self) -> Self:
        self.root = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.root.chmod(0o755)
        self._owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for name in ("mail", "index", "run", "state"):
            (self.root / name).mkdir(mode=0o755)
        self._give(self.root / "mail", self.root / "index")
        self._write()
        self._process = self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def _write(self) -> None:
        is_root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid()).pw_name
        certificate, key = self._files
        known = {
            "root": self.root, "ssl": f"yes\nssl_cert = <{certificate}\nssl_key = <{key}" if certificate else "no",
            "internal": "dovecot" if is_root else me, "login": "dovenull" if is_root else me,
            "group": "dovecot" if is_root else os.getgid(), "uid": self._owner.pw_uid, "gid": self._owner.pw_gid,
            "password": PASSWORD, "port": self.port, "tls_port": self.tls_port if certificate else 0,
            "more": self._more,
        }  # fmt: skip
        (self.root / "conf").write_text(_CONFIG.format(**known))
        checked = f"tokeninfo_url = {self._tokeninfo or 'http://127.0.0.1:9/'}\nusername_attribute = email\n"
        (self.root / "oauth2").write_text(checked)

    def _begin(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen([self._program, "-F", "-c", str(self.root / "conf")])
        deadline = time.monotonic() + _UP_S
        while not self._is_up():
            log = self.root / "log"
            assert process.poll() is None and time.monotonic() < deadline, log.read_text() if log.exists() else "no log"
            time.sleep(0.05)
        return process

    def _is_up(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                return line.recv(4) == b"* OK"
        except OSError:
            return False

    def stop(self) -> None:
        """Stop the server; what it holds stays."""
        self._process.terminate()
        self._process.wait(60)

    def start(self) -> None:
        """Start it again, where it was."""
        self._process = self._begin()

    def deliver(self, raw: bytes, user: str = "desk", folder: str = "INBOX") -> None:
        """Put a mail into a mailbox, byte by byte as it is: into its Maildir, as mail servers do."""
        box = self.root / "mail" / user
        place = box if folder == "INBOX" else box / f".{folder}"
        for part in ("tmp", "new", "cur"):
            (place / part).mkdir(parents=True, exist_ok=True)
        self._n = getattr(self, "_n", 0) + 1
        name = f"{1_700_000_000 + self._n}.M{self._n}P1.test"
        (place / "tmp" / name).write_bytes(raw)
        self._give(box, *box.rglob("*"))
        (place / "tmp" / name).rename(place / "new" / name)

    def renumber(self, user: str = "desk") -> None:
        """Lose the numbers of a mailbox: it gets another UIDVALIDITY."""
        shutil.rmtree(self.root / "index" / user, ignore_errors=True)
        for path in (self.root / "mail" / user).rglob("dovecot*"):
            if "uidvalidity" not in path.name:  # it remembers the last one, so that the next is another
                path.unlink(missing_ok=True)

    def _give(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, self._owner.pw_uid, self._owner.pw_gid)
