"""A dataclass of ours as what a client may send: every key known, every kind right, nothing dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from plumbline.domain.errors import EvidenceMissing

T = TypeVar("T")
# Nothing is taken for what it is not: "1" is no number, and 1 no text.
STRICT = ConfigDict(extra="forbid")
SHOWN = 5  # faults that are named; a client mends the first and asks again


def adapter(kind: type[T]) -> TypeAdapter[T]:
    """Reads the kind from JSON, and describes it."""
    return TypeAdapter(with_config(STRICT)(kind))


def read(form: TypeAdapter[T], body: bytes) -> T:
    """What a request's body says; EvidenceMissing names each key that is missing, unknown or of the wrong kind."""
    try:
        return form.validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise EvidenceMissing(
            f"The request cannot be read: {'; '.join(_words(faults[:SHOWN]))}{_more(len(faults))}",
            remedy="Send JSON as /api/v1/openapi.json describes it.",
        ) from error


def _words(faults: Iterable[Any]) -> Iterable[str]:
    for each in faults:
        place = ".".join(str(part) for part in each["loc"])
        said = "is not known" if each["type"] == "unexpected_keyword_argument" else each["msg"].lower()
        yield f"'{place}' {said}" if place else said


def _more(number: int) -> str:
    return f"; and {number - SHOWN} more" if number > SHOWN else ""
