"""A standalone Spark cluster on loopback: one master, two workers with a core each."""

import os
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from gehoor.run.demo_run import free_port

__all__ = ["LIGHT", "Cluster"]

LIGHT = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    # Spark here lives for seconds: what its compiler and collector would gain later costs twice the time now
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData",
}
"""The environment of every Java process of a test."""

_WAIT_S = 120.0


class Cluster:
    """Started when it is made; `close` ends it."""

    def __init__(self, folder: Path) -> None:
        found = find_spec("pyspark")
        assert found is not None and found.origin is not None
        self._folder, self._home = folder, Path(found.origin).parent
        port = free_port(17_077)
        self.url = f"spark://127.0.0.1:{port}"
        self.processes: list[subprocess.Popen[bytes]] = []
        try:
            self._start("master", "master.Master", "--host", "127.0.0.1", "--port", str(port))
            self._wait_for("master", "Successfully started service 'sparkMaster'")
            for name in ("one", "two"):
                place = ("--host", "127.0.0.1", "--work-dir", str(folder / name))
                self._start(name, "worker.Worker", "--cores", "1", "--memory", "1g", *place, self.url)
            for name in ("one", "two"):
                self._wait_for(name, "Successfully registered with master")
        except BaseException:
            self.close()
            raise

    def _start(self, name: str, service: str, *words: str) -> None:
        program = str(self._home / "bin" / "spark-class")
        command = [program, f"org.apache.spark.deploy.{service}", "--webui-port", "0", *words]
        environment = os.environ | LIGHT | {"SPARK_DAEMON_MEMORY": "256m"}
        with (self._folder / f"{name}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    command, env=environment, stdout=log, stderr=log, cwd=self._folder, start_new_session=True
                )
            )

    def _wait_for(self, name: str, words: str) -> None:
        deadline = time.monotonic() + _WAIT_S
        log = self._folder / f"{name}.log"
        while words not in log.read_text(encoding="utf-8"):
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.1)

    def lose(self, number: int) -> None:
        """Kill a worker, 1 or 2, and all that runs on it, as when its machine goes."""
        os.killpg(self.processes[number].pid, signal.SIGKILL)

    def close(self) -> None:
        """End what still runs."""
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
