"""`[slow]` in `gehoor.toml`: a slower, better reader that reads again what our heads are not sure of."""

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec

__all__ = ["Slow"]

_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_Count = Annotated[int, msgspec.Meta(ge=1)]


class Slow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[slow]`: who reads again what is unsure and matters, and at most how much of it in a day.

    Attributes
    ----------
    kind : str
        `off`; `encoder`, what comes with `gehoor[encoder]`; `onnx`, a classifier of your own in `folder`; `endpoint`,
        an OpenAI-compatible server at `address`.
    address, model, key : str, optional
        Of an endpoint: where it is, as https://host/v1, and which model. A key as `$NAME` is read from the environment.
    allow_private : bool
        Allow an endpoint on one's own machine or network.
    folder : Path, optional
        With `model.onnx`, `tokenizer.json` and `config.json`.
    posts_per_day, tokens_per_day : int
        The budget; tokens are counted for an endpoint only. A day is one in UTC.
    below_p : float
        Judgements that are less probable than this are read again.
    """

    kind: Literal["off", "encoder", "onnx", "endpoint"] = "off"
    address: str | None = None
    model: str | None = None
    key: str | None = None
    allow_private: bool = False
    folder: Path | None = None
    posts_per_day: _Count = 1_000
    tokens_per_day: _Count = 500_000
    below_p: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.6

    def __post_init__(self) -> None:
        if self.kind == "endpoint" and not (self.model and self.address and _ADDRESS.fullmatch(self.address)):
            raise ValueError('address = "https://host/v1" and model = "its name" are needed of an endpoint')
        if self.kind == "onnx" and self.folder is None:
            raise ValueError('folder = "where model.onnx is" is needed with kind = "onnx"')
