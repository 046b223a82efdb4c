"""A slow reader on this machine: an encoder or an ONNX model, in a process of its own at a low priority."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec

from gehoor.core.errors import SettingError, TransientError
from gehoor.core.settings_slow import Slow
from gehoor.run.processes import processes, watch_parent
from gehoor.run.slow_reader import Answer

__all__ = ["ProcessReader"]

_NICE = 10
_Said = list[dict[str, tuple[str, float]]]


class _Reply(msgspec.Struct):
    said: _Said = []
    trouble: str = ""


class ProcessReader:
    """Keeps a process that judges, started at the first post; one that ends is started again at the next.

    Parameters
    ----------
    slow : Slow
        Of kind `encoder` or `onnx`.
    root : Path
        The workspace: what is fitted for it is kept there.
    """

    at_once = 16

    def __init__(self, slow: Slow, root: Path) -> None:
        self._slow, self._root = slow, root
        self.name = "encoder/e5-small" if slow.kind == "encoder" else f"onnx/{slow.folder and slow.folder.name}"
        self._process: BaseProcess | None = None
        self._line: Connection | None = None

    async def read(self, texts: Sequence[str]) -> list[Answer]:
        """Return an answer for each text; see `SlowReader`."""
        if self._line is None:
            self._start()
        assert self._line is not None
        try:
            await asyncio.to_thread(self._line.send_bytes, msgspec.json.encode(list(texts)))
            data = await asyncio.to_thread(self._line.recv_bytes)
        except (EOFError, OSError):
            await self.aclose()
            raise TransientError("The process that reads again has ended. Another is started.", 60.0) from None
        reply = msgspec.json.decode(data, type=_Reply)
        if reply.trouble:
            await self.aclose()
            raise SettingError(reply.trouble)
        return [Answer(said) for said in reply.said]

    async def aclose(self) -> None:
        """End the process."""
        process, line, self._process, self._line = self._process, self._line, None, None
        if line is not None and process is not None:
            process.kill()  # it may be fitting, and holds nothing
            await asyncio.to_thread(process.join)
            with suppress(OSError):
                line.close()

    def _start(self) -> None:
        context = processes()
        self._line, theirs = context.Pipe()
        arguments = (msgspec.json.encode(self._slow, enc_hook=str), str(self._root), theirs)
        self._process = context.Process(target=_work, args=arguments, name="gehoor-slow", daemon=True)
        self._process.start()
        theirs.close()


def _work(settings: bytes, root: str, line: Connection) -> None:
    """Run in the process: read texts, send judgements, until the pipe closes."""
    watch_parent()
    os.nice(_NICE)
    slow = msgspec.json.decode(settings, type=Slow, dec_hook=lambda _, value: Path(value))
    judge: Callable[[list[str]], _Said] | None = None
    while True:
        try:
            texts = msgspec.json.decode(line.recv_bytes(), type=list[str])
        except EOFError:
            return
        try:
            judge = judge or _judge_of(slow, Path(root))
            reply = _Reply(said=judge(texts))
        except SettingError as error:
            reply = _Reply(trouble=str(error))
        except Exception as error:  # noqa: BLE001  # around a part: a model of anybody's, which may raise anything
            reply = _Reply(trouble=f"The model cannot be used ({type(error).__name__}: {str(error)[:200]}).")
        line.send_bytes(msgspec.json.encode(reply))


def _judge_of(slow: Slow, root: Path) -> Callable[[list[str]], _Said]:
    if slow.kind == "onnx":
        from gehoor.understand.onnx_classifier import OnnxClassifier

        classifier = OnnxClassifier(slow.folder or root)
        return lambda texts: [{classifier.task: said} for said in classifier.judge(texts)]
    from gehoor.run.slow_encoder import EncoderHeads

    return EncoderHeads(root).judge
