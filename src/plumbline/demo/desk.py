"""One model's desk in the sample estate: each method is a real command, by the right person in the right role."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from plumbline.demo.people import ADMINISTRATORS, PEOPLE
from plumbline.domain.model_file import ModelFile
from plumbline.domain.models import Document, Stage, VersionEntry
from plumbline.domain.people import Actor, Authentication, Role, Seat
from plumbline.domain.signoff import CaseType, Condition, Decision, Outcome, Severity
from plumbline.services import governance
from plumbline.services.context import Context
from plumbline.workflow import commands as c
from plumbline.workflow import events as e

Do = Callable[[], None]

MEMBERS = {member.user_id: member for member in (*ADMINISTRATORS, *PEOPLE)}
INDEPENDENCE = "I had no part in making this version, and I do not report to its owner."
OFFICER, MEMBER, DEPLOYER = "rosa.mendes", "david.park", "tom.fraser"


def acting(user_id: str, role: Role) -> Actor:
    """A person of the estate in one of their roles."""
    member = MEMBERS[user_id]
    return Actor(member.user_id, member.name, role, member.roles, member.zone)


@dataclass(slots=True)
class Desk:
    """`register`, `watch` and `explain` are handed in: they need files, which the estate keeps."""

    ctx: Context
    file: ModelFile
    register: Do
    watch: Do
    explain: Do
    case_id: str = ""
    manifest_hash: str = ""
    finding_id: str = ""

    @property
    def version(self) -> str:
        return self.file.version.id

    @property
    def seats(self) -> Mapping[Seat, tuple[str, Role]]:
        """Who sits where when this model is decided on."""
        return {
            Seat.MODEL_RISK_OFFICER: (OFFICER, Role.MODEL_RISK_OFFICER),
            Seat.ACCOUNTABLE_EXECUTIVE: (self.file.model.accountable_executive, Role.EXECUTIVE),
            Seat.INDEPENDENT_MEMBER: (self.file.model.independent_member, Role.APPROVER),
            Seat.MEMBER: (MEMBER, Role.APPROVER),
        }

    def move(self, to: Stage, reason: str) -> None:
        """A step of the lifecycle by the person whose step it is."""
        user, role = {
            Stage.IN_USE: (DEPLOYER, Role.DEPLOYER),
            Stage.IN_USE_RESTRICTED: (OFFICER, Role.MODEL_RISK_OFFICER),
            Stage.RETIRED: (OFFICER, Role.MODEL_RISK_OFFICER),
        }.get(to, (self.file.model.owner, Role.MODEL_OWNER))
        hash_in_use = self.file.version.artefact_sha256 if to is Stage.IN_USE else ""
        self._do(
            c.MoveVersion(
                model_id=self.file.model.id, version_id=self.version, to=to, reason=reason, artefact_sha256=hash_in_use
            ),
            user,
            role,
        )

    def submit(self, case_type: CaseType = CaseType.INITIAL_APPROVAL) -> None:
        """The developer hands the version over, with its documents."""
        names = ("Model document", "Data card", "Developer tests")
        command = c.SubmitForValidation(
            model_id=self.file.model.id,
            version_id=self.version,
            use_id=self.file.uses[0].id,
            case_type=case_type,
            documents=tuple(self._document(name) for name in names),
        )
        self._do(command, self.file.model.developers[0], Role.DEVELOPER)

    def refresh(self) -> None:
        """The validator pins what monitoring has found since."""
        self._do(c.RefreshEvidence(case_id=self.case_id), self.file.model.validator, Role.VALIDATOR)

    def report(self, outcome: Outcome, comment: str) -> None:
        """The validator signs."""
        command = c.SignValidationReport(
            case_id=self.case_id,
            manifest_hash=self.manifest_hash,
            outcome=outcome,
            comment=comment,
            independence=INDEPENDENCE,
        )
        self._sign(command, self.file.model.validator, Role.VALIDATOR)

    def vote(
        self,
        seat: Seat,
        decision: Decision = Decision.APPROVE,
        comment: str = "",
        conditions: tuple[Condition, ...] = (),
    ) -> None:
        """A seat of the tier signs."""
        command = c.CastVote(
            case_id=self.case_id,
            manifest_hash=self.manifest_hash,
            seat=seat,
            decision=decision,
            comment=comment,
            conditions=conditions,
        )
        self._sign(command, *self.seats[seat])

    def raise_finding(self, severity: Severity, category: str, title: str, description: str) -> None:
        """The validator writes a finding, owned by the model's owner."""
        command = c.RaiseFinding(
            model_id=self.file.model.id,
            version_id=self.version,
            severity=severity,
            category=category,
            title=title,
            description=description,
            owner=self.file.model.owner,
            case_id=self.case_id,
        )
        self._do(command, self.file.model.validator, Role.VALIDATOR)

    def remediate(self, evidence: str) -> None:
        """The owner answers the finding raised last."""
        command = c.RemediateFinding(finding_id=self.finding_id, evidence=evidence)
        self._do(command, self.file.model.owner, Role.MODEL_OWNER)

    def close(self, evidence: str) -> None:
        """The validator verifies the finding raised last."""
        command = c.CloseFinding(finding_id=self.finding_id, evidence=evidence)
        self._do(command, self.file.model.validator, Role.VALIDATOR)

    def propose(self, version: str, target: str) -> None:
        """A developer enters a version that does not exist yet."""
        entry = VersionEntry(model_id=self.file.model.id, id=version, target=target)
        command = c.RegisterVersion(model_id=self.file.model.id, version=entry)
        self._do(command, self.file.model.developers[0], Role.DEVELOPER)

    def condition(self, text: str, kind: str, due: date, *, blocking: bool = False) -> Condition:
        return Condition(text=text, kind=kind, owner=self.file.model.owner, due=due, blocking=blocking)

    def _sign(self, command: c.Command, user_id: str, role: Role) -> None:
        actor = acting(user_id, role)
        # Nobody sits at a keyboard here, and the signature says so; proving a password is slow on purpose.
        proof = Authentication(user_id, "sample estate", self.ctx.clock())
        self._note(governance.handle(self.ctx, command, actor, authentication=proof))

    def _do(self, command: c.Command, user_id: str, role: Role) -> tuple[e.Recorded, ...]:
        recorded = governance.handle(self.ctx, command, acting(user_id, role))
        self._note(recorded)
        return recorded

    def _note(self, recorded: tuple[e.Recorded, ...]) -> None:
        """Which case is open at this desk, and what its next signature binds to."""
        for each in recorded:
            if isinstance(each.event, e.CaseOpened):
                self.case_id = each.event.case_id
            if isinstance(each.event, e.EvidencePinned):
                self.manifest_hash = each.event.manifest_hash
            if isinstance(each.event, e.ApprovalGranted):
                self.case_id = ""
            if isinstance(each.event, e.FindingRaised):
                self.finding_id = each.event.finding.id

    def _document(self, name: str) -> Document:
        text = f"{name} of {self.file.model.name}, version {self.version}"
        return Document(name, "document", hashlib.sha256(text.encode()).hexdigest())
