"""Builds the sample estate: prepares the models, then lives through their 24 months by issuing real commands."""

from __future__ import annotations

import itertools
import multiprocessing
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from plumbline.demo.catalogue import RECIPES
from plumbline.demo.desk import Desk, acting
from plumbline.demo.people import ADMINISTRATORS, DOORS, PASSWORD, PEOPLE, Member
from plumbline.demo.stories import bank, hospital, insurer
from plumbline.demo.story import Step, monitor, on
from plumbline.demo.workshop import Prepared, leave_with_parent, prepare
from plumbline.domain.errors import TransitionNotAllowed
from plumbline.domain.people import Actor, Role
from plumbline.policy.load import load_policy
from plumbline.services import explanations, governance, identity, integrity, monitoring, register, run_record
from plumbline.services.context import Context
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

ORIGIN = "demo"
OPENING, LAST_VISIT = on("2024-09-02", 8), on("2026-10-23", 8, 30)
PROCESSES = 2

Progress = Callable[[int, int, str], None]
"""Told how many of how many pieces of work are done, and what is at hand."""


@dataclass(slots=True)
class EstateClock:
    """The estate's own time: set by the story, a second further at each look, so that no two events coincide."""

    now: datetime

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def build(store: Path, *, logs: Path | None = None, progress: Progress | None = None) -> None:
    """Builds the whole estate in a file of its own and moves it into place when it is complete.

    `logs` keeps the raw logs, model files and artefacts of all models there.

    Raises:
        TransitionNotAllowed: the store already holds something; nothing was changed.
    """
    _check_empty(store)
    store.parent.mkdir(parents=True, exist_ok=True)
    tell = progress or _quiet
    steps = sorted((*bank.steps(), *insurer.steps(), *hospital.steps()), key=lambda step: step.at)
    with tempfile.TemporaryDirectory(dir=store.parent, prefix=".sample-") as scratch:
        prepared = _prepare_all(steps, logs or Path(scratch) / "logs", tell)
        building, clock = Path(scratch) / store.name, EstateClock(OPENING)
        opened = Store.open(building, clock=clock)
        try:
            numbers = itertools.count(1)
            ctx = Context(opened, clock, lambda: f"{next(numbers):05d}", load_policy(), ORIGIN)
            Estate(ctx, clock, prepared).live(steps, tell)
        finally:
            opened.close()
        _move(building, store)


def _prepare_all(steps: list[Step], folder: Path, progress: Progress) -> dict[str, Prepared]:
    """All models, two at a time; the parent only waits, since every result is needed for the first month already."""
    total = len(RECIPES) + len(steps)
    days = {
        recipe.id: [step.at for step in steps if step.model == recipe.id and step.do is monitor] for recipe in RECIPES
    }
    # Each process starts afresh: a fork would inherit the database's threads.
    pool = ProcessPoolExecutor(
        PROCESSES, mp_context=multiprocessing.get_context("spawn"), initializer=leave_with_parent
    )
    try:
        waiting = {
            pool.submit(prepare, recipe.id, folder, days[recipe.id]): recipe.id
            for recipe in sorted(RECIPES, key=lambda recipe: -recipe.volume.live)
        }
        done = {}
        for future in as_completed(waiting):
            done[waiting[future]] = future.result()
            progress(len(done), total, f"prepared {waiting[future]}")
        return done
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class Estate:
    """People, desks, and the story that they live through."""

    def __init__(self, ctx: Context, clock: EstateClock, prepared: Mapping[str, Prepared]) -> None:
        self.ctx, self.clock = ctx, clock
        self.desks = {model_id: self._desk(each) for model_id, each in prepared.items()}

    def live(self, steps: list[Step], progress: Progress) -> None:
        """Takes all steps in the order of time."""
        self._add_people()
        total = len(self.desks) + len(steps)
        for done, step in enumerate(steps, start=len(self.desks)):
            progress(done, total, f"{step.at:%b %Y}, {step.model}")
            self._take(step)
        integrity.anchor(self.ctx, ORIGIN)
        progress(total, total, "done")

    def _add_people(self) -> None:
        """The first administrator is added by the house itself, the second by the first, everybody else by both."""
        # One hash will do for all: the password is one and known to everybody.
        password_hash = identity.hash_password(PASSWORD)
        first, second = (acting(member.user_id, Role.ADMINISTRATOR) for member in ADMINISTRATORS)
        self._add(ADMINISTRATORS[0], SYSTEM, password_hash)
        self._add(ADMINISTRATORS[1], first, password_hash)
        for number, member in enumerate(PEOPLE):
            one, other = (first, second) if number % 2 else (second, first)
            self._add(member, one, password_hash)
            governance.handle_together(self.ctx, _roles(member), other)

    def _add(self, member: Member, by: Actor, password_hash: str) -> None:
        added = c.AddPerson(
            user_id=member.user_id,
            name=member.name,
            password_hash=password_hash,
            line_manager=member.line_manager,
            initial=False,
        )
        governance.handle_together(self.ctx, [added, *_roles(member)], by)

    def _desk(self, prepared: Prepared) -> Desk:
        runs = iter(prepared.runs.values())
        return Desk(
            self.ctx,
            prepared.file,
            partial(self._register, prepared),
            lambda: self._watch(prepared, next(runs)),
            partial(self._explain, prepared),
        )

    def _register(self, prepared: Prepared) -> None:
        model = prepared.file.model
        register.register(self.ctx, prepared.file, acting(model.developers[0], Role.DEVELOPER))

    def _watch(self, prepared: Prepared, run: monitoring.MonitoringRun) -> None:
        run_record.record(self.ctx, acting(prepared.file.model.owner, Role.MODEL_OWNER), run)

    def _explain(self, prepared: Prepared) -> None:
        if prepared.explanation:
            developer = acting(prepared.file.model.developers[0], Role.DEVELOPER)
            explanations.record(self.ctx, developer, prepared.explanation)

    def _take(self, step: Step) -> None:
        if self.clock.now < LAST_VISIT <= step.at:
            self.clock.now = LAST_VISIT
            for user_id in DOORS:
                identity.sign_in(self.ctx, user_id, PASSWORD)
        self.clock.now = max(self.clock.now, step.at)
        step.do(self.desks[step.model])


def _move(building: Path, store: Path) -> None:
    """The finished store into its place, and the anchor of its heads beside it."""
    building.replace(store)
    anchors = integrity.anchor_path(str(building)), integrity.anchor_path(str(store))
    if anchors[0] and anchors[1]:
        anchors[0].replace(anchors[1])


def _check_empty(store: Path) -> None:
    if not store.exists():
        return
    opened = Store.open(store, clock=EstateClock(OPENING))
    try:
        revision = opened.revision()
    finally:
        opened.close()
    if revision:
        raise TransitionNotAllowed(
            f"The store already holds {revision} events, and the sample estate wants one of its own",
            where=str(store),
            remedy="Name another file with --store; nothing was changed.",
        )


def _quiet(done: int, total: int, what: str) -> None:
    """Says nothing."""


def _roles(member: Member) -> list[c.GrantRole]:
    return [c.GrantRole(user_id=member.user_id, role=role) for role in member.roles]
