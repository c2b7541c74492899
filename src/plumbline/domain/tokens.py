"""API tokens: what a script holds instead of a password, in one role, for some models, until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plumbline.domain.people import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token of a person; the secret itself is nowhere. `models` empty: whatever the role may reach."""

    token_id: str
    user_id: str
    label: str
    role: Role
    models: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        """Whether it opens anything at that moment."""
        return self.revoked_at is None and now < self.expires_at

    def reaches(self, model_id: str) -> bool:
        """Whether the model is within its scope.

        >>> from datetime import UTC
        >>> day = datetime(2026, 10, 31, tzinfo=UTC)
        >>> of_one = Token(token_id="t", user_id="ana", label="nightly", role=Role.MODEL_OWNER, models=("sme-pd",),
        ...                issued_at=day, expires_at=day)
        >>> of_one.reaches("sme-pd"), of_one.reaches("retail-pd")
        (True, False)
        """
        return not self.models or model_id in self.models
