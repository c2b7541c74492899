"""The bad inputs kept under `inputs`: a table of TOML for each kind, a case for each input, with what it must be told.

A case lays files into a folder of its own, beside copies of those in `inputs/sound`, and comes to a door with them:

- `change."log.csv"`: [this, that, ...] for each place of the sound file that is put differently;
- `text`, `latin`, `hex`: a file's whole content, in UTF-8, in Latin-1, in bytes; `cut` leaves its first bytes alone;
- `parquet`: a file by a query over the sound log; `folder`, `link` (to what), `copy` (of what);
- `policy`: the packs in force lie there too, under `policy`;
- `words`, `env`, `by`: what is typed, in which environment, by whom (a token of that role; "" for nobody);
- `ask`, `json`, `body`, `headers`: what is asked of the API instead;
- `says`: the message, word for word; `code`: 2, or what the API answers;
- `long`: much like its neighbours, and tried by `make test-long` alone.

What stands above the first case of a table holds for all of them. `{here}` is the case's folder, `{store}` the store.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from _pytest.mark import ParameterSet

from plumbline.policy.load import SHIPPED

INPUTS = Path(__file__).parent / "inputs"
SOUND = INPUTS / "sound"


@dataclass(frozen=True, slots=True)
class BadInput:
    """One of them; `said` is its table, over that of its kind."""

    kind: str
    name: str
    said: dict[str, Any]

    @property
    def at_the_api(self) -> bool:
        return "ask" in self.said

    def lay(self, here: Path, store: Path) -> None:
        """All files of the case, in its folder; `store` is a sound store that some are copies of."""
        for file in SOUND.iterdir():
            shutil.copyfile(file, here / file.name)
        if self.said.get("policy"):
            shutil.copytree(SHIPPED, here / "policy")
        for name, places in self.said.get("change", {}).items():
            _change(here / name, places)
        for way, put in _WAYS.items():
            for name, content in self.said.get(way, {}).items():
                put(here / name, content.format(store=store) if way == "copy" else content)


def kept(*, at_the_api: bool) -> list[ParameterSet]:
    """Every case of one kind of door, in the order of the files, as a parameter of its own."""
    found = [case for file in sorted(INPUTS.glob("*.toml")) for case in _of_kind(file)]
    return [
        pytest.param(case, id=f"{case.kind}-{case.name}", marks=[pytest.mark.long] if case.said.get("long") else [])
        for case in found
        if case.at_the_api is at_the_api
    ]


def _of_kind(file: Path) -> list[BadInput]:
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    common = raw.pop("common", {})
    return [BadInput(file.stem, name, common | said) for name, said in raw.items()]


def _change(file: Path, places: list[str]) -> None:
    text = file.read_text(encoding="utf-8")
    for this, that in zip(places[::2], places[1::2], strict=True):
        assert this in text, f"{file.name} holds no {this!r}"
        text = text.replace(this, that)
    file.write_text(text, encoding="utf-8")


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _parquet(file: Path, query: str) -> None:
    with duckdb.connect() as db:
        db.execute(f"create view sound as from read_csv('{SOUND / 'log.csv'}')")
        db.execute(f"copy ({query}) to '{file}' (format parquet)")


def _duckdb(file: Path, statements: str) -> None:
    with duckdb.connect(str(file)) as db:
        db.execute(statements)


# In this order: what is linked, copied or cut was made before.
_WAYS: dict[str, Any] = {
    "folder": lambda file, _: file.mkdir(),
    "text": lambda file, content: _write(file, content.encode()),
    "latin": lambda file, content: _write(file, content.encode("latin-1")),
    "hex": lambda file, content: _write(file, bytes.fromhex(content)),
    "parquet": _parquet,
    "copy": lambda file, source: shutil.copyfile(source, file),
    "duckdb": _duckdb,
    "link": lambda file, to: file.symlink_to(to),
    "cut": lambda file, length: os.truncate(file, length),
}
