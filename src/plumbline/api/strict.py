"""A dataclass of ours as what a client may send: every key known, every kind right, nothing dropped in silence."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from plumbline.domain.errors import EvidenceMissing

T = TypeVar("T")
# Nothing is taken for what it is not: "1" is no number, and 1 no text.
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
# Kinds of faults as pydantic names them.
_WORDS = {
    "missing": "is missing",
    "unexpected_keyword_argument": "is not known",
    "json_invalid": "it is not JSON ({error})",
    "enum": "is none of {expected}",
    "literal_error": "is none of {expected}",
    "string_type": "is not text",
    "bool_type": "is not true or false",
    "int_type": "is not a whole number",
    "int_parsing": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_type": "is not a number",
    "finite_number": "is not a number that can be counted",
    "tuple_type": "is not a list",
    "datetime_type": "is not a time such as 2026-10-31T10:00:00Z",
    "datetime_parsing": "is not a time such as 2026-10-31T10:00:00Z",
    "datetime_from_date_parsing": "is not a time such as 2026-10-31T10:00:00Z",
    "dataclass_type": "is not an object with keys",
    "greater_than_equal": "is less than {ge}",
    "less_than_equal": "is more than {le}",
}
SHOWN = 5  # faults that are named; a client mends the first and asks again


def adapter(kind: type[T]) -> TypeAdapter[T]:
    """Reads the kind from JSON, and describes it."""
    return TypeAdapter(with_config(STRICT)(kind))


def read(form: TypeAdapter[T], body: bytes) -> T:
    """What a request's body says; EvidenceMissing names each key that is missing, unknown or of the wrong kind."""
    try:
        return form.validate_json(body)
    except ValidationError as error:
        raise _unread(words(error.errors(include_url=False, include_input=False))) from error


def each_once(body: bytes) -> None:
    """EvidenceMissing names a key that stands in an object twice: readers would disagree on which of the two is meant.

    What is no JSON at all is for `read` to say.
    """

    def once(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise _unread(f"'{twice}' stands there twice")

    with contextlib.suppress(ValueError, RecursionError):
        json.loads(body, object_pairs_hook=once)


def _unread(said: str) -> EvidenceMissing:
    return EvidenceMissing(
        f"The request cannot be read: {said}", remedy="Send JSON as /api/v1/openapi.json describes it."
    )


def words(faults: Sequence[Any]) -> str:
    """What pydantic found, each with its place, in words."""
    said = [_said(each, ".".join(str(part) for part in each["loc"])) for each in faults[:SHOWN]]
    return "; ".join(said) + _more(len(faults))


def _said(found: Any, place: str) -> str:
    context = {key: str(value) for key, value in (found.get("ctx") or {}).items()}
    known = _WORDS.get(found["type"])
    said = known.format_map(context) if known else found["msg"][:1].lower() + found["msg"][1:]
    said = said.replace("EOF while parsing", "it ends within")
    return f"'{place}' {said}" if place else said if said.startswith("it ") else f"it {said}"


def _more(number: int) -> str:
    return f"; and {number - SHOWN} more" if number > SHOWN else ""
