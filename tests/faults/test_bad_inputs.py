"""Every bad input that is kept: told what, where and what to do, at its real door, and nothing of the store changes."""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import MODEL, Door, opened, person
from tests.faults.bad_inputs import SOUND, BadInput, kept
from tests.moving_clock import MovingClock

from plumbline.cli.main import main
from plumbline.domain.model_file import read_model_file
from plumbline.domain.models import VersionEntry
from plumbline.domain.people import Authentication, Role
from plumbline.policy.load import load_policy
from plumbline.services import identity, tokens
from plumbline.services.context import Context
from plumbline.services.governance import handle, handle_together
from plumbline.services.register import register
from plumbline.store import database
from plumbline.store.database import Cursor, Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

PASSWORD = "correct horse battery"
SCHEMA = Path(database.__file__).parent / "schema"


@dataclass
class Desk:
    """A store with a person and a token for each role, and the model of the sound model file."""

    store: Path
    secrets: dict[str, str]
    read: tuple[str, str] = ("", "")  # the bytes last seen, and the digest of their rows

    def digest(self) -> str:
        """Of all rows in the store, which is closed."""
        seen = hashlib.sha256(self.store.read_bytes()).hexdigest()
        if self.read[0] != seen:
            store = Store.as_it_is(self.store)
            with store.read() as cursor:
                self.read = (seen, digest(cursor))
            store.close()
        return self.read[1]


def digest(cursor: Cursor) -> str:
    """Of every row but what a door writes down of a visit: who signed in or was refused, and that a token was used."""
    tables = cursor.execute("select table_name from duckdb_tables()").fetchall()
    of_each = [
        f"select '{table}', md5(string_agg(t::varchar, '' order by t::varchar)) from {table} t"
        for (table,) in sorted(tables)
        if table not in ("access", "token_secret")
    ]
    return str(cursor.execute(" union all ".join(of_each)).fetchall())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    path, numbers = tmp_path_factory.mktemp("desk") / "plumbline.duckdb", itertools.count(1)
    clock = MovingClock()
    clock.now = datetime.now(UTC) - timedelta(days=10)
    store = Store.open(path, clock=clock)
    ctx = Context(store, clock, lambda: f"id-{next(numbers):04d}", load_policy())
    secret = identity.hash_password(PASSWORD)
    people = [c.AddPerson(user_id=role.value, name=role.label, password_hash=secret, initial=False) for role in Role]
    handle_together(ctx, [*people, *(c.GrantRole(user_id=role.value, role=role) for role in Role)], SYSTEM)
    handle(
        ctx,
        c.AddPerson(user_id="no.role", name="No Role", password_hash=secret, initial=False),
        person(Role.ADMINISTRATOR),
    )
    # With one administrator alone duties are not separated.
    second = [c.AddPerson(user_id="admin.two", name="Second", password_hash=secret, initial=False)]
    handle_together(
        ctx, [*second, c.GrantRole(user_id="admin.two", role=Role.ADMINISTRATOR)], person(Role.ADMINISTRATOR)
    )
    register(ctx, read_model_file(SOUND / "model.toml"), person(Role.MODEL_OWNER))
    secrets = {role.value: token(ctx, role) for role in Role}
    secrets["expired"] = token(ctx, Role.MODEL_OWNER, days=1)
    secrets["of another model"] = token(ctx, Role.MODEL_OWNER, models=("cards",))
    clock.goes_on(minutes=1)
    secrets["revoked"] = token(ctx, Role.MODEL_OWNER)
    last = tokens.of_person(ctx, Role.MODEL_OWNER.value)[0][0]
    tokens.revoke(ctx, person(Role.MODEL_OWNER), user_id=last.user_id, token_id=last.token_id, reason="lost")
    store.close()
    return Desk(path, secrets)


def token(ctx: Context, role: Role, days: int = 90, models: tuple[str, ...] = ()) -> str:
    proof = Authentication(role.value, "password", ctx.clock())
    return tokens.issue(ctx, person(role), proof, label="script", role=role, days=days, models=models)[1]


@dataclass
class Outcome:
    code: int
    out: str
    said: str


def at_the_keyboard(bad: BadInput, desk: Desk, here: Path) -> Outcome:
    """What the command line answers; places that differ from run to run by their names."""
    places = {"here": str(here), "store": str(desk.store)}
    words = [word.format(**places) for word in bad.said["words"]]
    out, err = io.StringIO(), io.StringIO()
    with environment(bad, desk, places), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(words)
        except SystemExit as misunderstood:
            code = int(misunderstood.code or 0)
    said = err.getvalue()
    for name, place in places.items():
        said = said.replace(place, f"{{{name}}}")
    return Outcome(code, out.getvalue(), said.strip())


@contextlib.contextmanager
def environment(bad: BadInput, desk: Desk, places: dict[str, str]) -> Iterator[None]:
    by = bad.said.get("by", "model_owner")
    more = {name: value.format(**places) for name, value in bad.said.get("env", {}).items()}
    held = {"PLUMBLINE_TOKEN": desk.secrets[by]} if by else {}
    others = {name: value for name, value in os.environ.items() if not name.startswith("PLUMBLINE_")}
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - others.keys():
            patch.delenv(name)
        for name, value in ({"PLUMBLINE_STORE": str(desk.store)} | held | more).items():
            patch.setenv(name, value)
        yield


def lying(folder: Path) -> dict[str, str]:
    """Every file by its name and its bytes."""
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "plumbline.duckdb"
    }


def newest() -> int:
    """The schema that this Plumbline knows."""
    return max(int(file.name[:4]) for file in SCHEMA.glob("*.sql"))


@pytest.mark.parametrize("bad", kept(at_the_api=False))
def test_the_command_line_says_what_where_and_what_to_do(bad: BadInput, desk: Desk, tmp_path: Path) -> None:
    bad.lay(tmp_path, desk.store)
    before, files = desk.digest(), (lying(tmp_path), lying(desk.store.parent))
    found = at_the_keyboard(bad, desk, tmp_path)
    # Words that are not understood come with what the verb takes.
    told = found.said.splitlines() if "usage: " in found.said else [found.said]
    assert bad.said["says"].replace("{newest}", str(newest())) in told
    assert (found.code, found.out) == (2, "")
    assert "Traceback" not in found.said
    assert desk.digest() == before
    assert (lying(tmp_path), lying(desk.store.parent)) == files


def test_what_they_differ_from_is_taken(desk: Desk, tmp_path: Path) -> None:
    """Else a case could be refused for something that its neighbours have too."""
    log = ["monitor", "{here}/model.toml", "--log", "{here}/log.csv", "--reference", "{here}/reference.csv"]
    for words in (["register", "{here}/model.toml"], [*log, "--labels", "{here}/labels.csv", "--dry-run"]):
        sound = BadInput("sound", words[0], {"words": words})
        sound.lay(tmp_path, desk.store)
        assert at_the_keyboard(sound, desk, tmp_path).code == 0


@dataclass
class Watched:
    """The API, and what its store held after the last request."""

    door: Door
    held: str


@pytest.fixture(scope="module")
def watched() -> Watched:
    door = made_door()
    with door.ctx.store.read() as cursor:
        return Watched(door, digest(cursor))


def made_door() -> Door:
    """The API over a register with a model, a version and a person for each role, who have all asked before."""
    numbers = itertools.count(1)
    made = opened(MovingClock(), lambda: f"id-{next(numbers):04d}")
    owner = person(Role.MODEL_OWNER)
    handle(made.ctx, c.RegisterVersion(model_id=MODEL, version=VersionEntry(model_id=MODEL, id="1")), owner)
    for role in Role:
        made.token(role)
    made.token(Role.VALIDATOR, ("other",))
    return made


async def at_the_api(bad: BadInput, door: Door) -> tuple[int, str]:
    """The status, and what is told in the order of the command line."""
    method, path = bad.said["ask"].split(" ", 1)
    headers = {name: value.encode("latin-1") for name, value in bad.said.get("headers", {}).items()}
    asked: dict[str, Any] = {"headers": headers}
    if "json" in bad.said:
        asked["content"] = json.dumps(bad.said["json"])
    elif "body" in bad.said:
        asked["content"] = bad.said["body"].encode()
    by = bad.said.get("by", "validator")
    answer = await door.ask(method, path, Role(by) if by else None, models=tuple(bad.said.get("models", ())), **asked)
    if answer.headers["content-type"] != "application/problem+json":
        return answer.status_code, answer.text
    told = answer.json()
    place = f" ({told['where']})" if "where" in told else ""
    return answer.status_code, f"{told['title']}{place}. {told['detail']}"


@pytest.mark.anyio
@pytest.mark.parametrize("bad", kept(at_the_api=True))
async def test_the_api_says_what_where_and_what_to_do(bad: BadInput, watched: Watched) -> None:
    assert await at_the_api(bad, watched.door) == (bad.said.get("code", 422), bad.said["says"])
    with watched.door.ctx.store.read() as cursor:
        assert digest(cursor) == watched.held
