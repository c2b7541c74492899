"""What every export says of itself, whatever it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """When, of what, for whom, under which policy, and where the log ended; `log_holds` is the chain's proof."""

    kind: str
    as_of: datetime
    sample: bool
    subject: str
    requester: str
    acting_role: str
    policy: str
    rows: int
    log_seq: int
    log_head: str
    log_holds: bool
    duties_separated: bool

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a reader must know before trusting the rest."""
        said = {
            "The log does not verify: this export is not proof of anything.": not self.log_holds,
            "Duties are not separated: one administrator runs this store alone.": not self.duties_separated,
            "This is the sample estate: invented people, models and figures.": self.sample,
        }
        return tuple(sentence for sentence, applies in said.items() if applies)
