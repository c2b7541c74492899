"""The account of a monitoring run: by what it was counted and judged, so that a later run may build on it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import takewhile

from plumbline import __version__
from plumbline.domain.chain import canonical_json, sha256
from plumbline.domain.model_file import ModelFile
from plumbline.domain.models import Tier
from plumbline.policy.load import Policy
from plumbline.policy.tiering import tier
from plumbline.profiling.known import COUNTED_BY, CountedFile, spec_mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`windows` and `labels` by window; `files` is empty for a run from stored profiles and for one from a warehouse.

    `judged` marks everything but the window's own profile that its verdicts follow from.
    """

    counted_by: str
    log: str
    judged: str
    windows: Mapping[str, str]  # window -> hash of its profile
    files: tuple[CountedFile, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    reference_windows: tuple[str, ...] = ()  # what the reference was added up from, where it was not counted
    ahead: int = 0  # rows set aside for a time in the future: they stand in no window's profile
    notes: tuple[str, ...] = ()  # what a person was told about the log

    def text(self) -> str:
        """Canonical JSON."""
        return canonical_json(asdict(self))


def account_of(
    model_file: ModelFile,
    policy: Policy,
    hashes: Mapping[str, str],
    reference: str,
    *,
    files: Sequence[CountedFile] = (),
    labels: Mapping[str, str] | None = None,
    reference_windows: tuple[str, ...] = (),
    ahead: int = 0,
    notes: Sequence[str] = (),
) -> Account:
    """The account of a run; `reference` is the hash of the reference's profile."""
    return Account(
        counted_by=COUNTED_BY,
        log=spec_mark(model_file.log),
        judged=judged_under(model_file, policy, reference),
        windows=dict(hashes),
        files=tuple(files),
        labels=labels or {},
        reference_windows=reference_windows,
        ahead=ahead,
        notes=tuple(notes),
    )


def read_account(text: str) -> Account:
    """Inverse of `Account.text`; KeyError or TypeError for what is no account."""
    raw = json.loads(text)
    files = tuple(CountedFile(**{**each, "windows": tuple(each["windows"])}) for each in raw.pop("files"))
    references, notes = (tuple(raw.pop(name, ())) for name in ("reference_windows", "notes"))
    return Account(files=files, reference_windows=references, notes=notes, **raw)


def rated(model_file: ModelFile, policy: Policy) -> Tier:
    """The tier that the policy gives this model."""
    model = model_file.model
    return tier(model.tier_inputs, policy, automation=model.automation, affects_people=model.affects_people).tier


def judged_under(model_file: ModelFile, policy: Policy, reference: str) -> str:
    """A mark of all that verdicts follow from, but for the window's own profile; `reference` is that profile's hash."""
    under = (policy.digest, model_file.model.family, rated(model_file, policy).value, __version__, reference)
    return sha256(canonical_json([*under, asdict(model_file.log)]))


def unbroken(labels: Iterable[str], standing: Collection[str]) -> frozenset[str]:
    """The windows, in their order, up to the first that does not stand: how far an estimate is believed follows from
    the windows before its own, so a change of theirs is a change of its.

    >>> sorted(unbroken(["reference", "2026-01", "2026-02", "2026-03"], {"reference", "2026-01", "2026-03"}))
    ['2026-01', 'reference']
    """
    return frozenset(takewhile(lambda label: label in standing, labels))
