"""TOML as people write it, and what is wrong with it in words of theirs."""

from __future__ import annotations

import re
import tomllib
from typing import Any

# What the parser says, and what that means to whoever wrote the file; the first that fits.
_WORDS = (
    (r"Cannot overwrite a value.*", "a key stands there that stands further up already"),
    (r"Cannot declare \('(?P<name>[^']*)'.*", "the table [{name}] stands there for the second time"),
    (r"Illegal character '\\n'.*", "a quote is opened and not closed"),
    (r"Illegal character '\\x..'.*", "a character stands there that cannot be seen"),
    (r"Expected '=' after a key.*", "a key stands there without its sign ="),
    (r"Invalid statement.*", "neither a [table] nor a line key = value stands there"),
    (r"Invalid value.*", "no value stands there: text has straight quotes around it, a number and a date have none"),
    (r"Expected newline or end of document.*", "something stands behind the value; a date is written 2026-10-31"),
)


def read_toml(content: bytes) -> dict[str, Any]:
    """The tables of a TOML file in UTF-8, with or without a mark of it.

    Raises:
        ValueError: says in words what is wrong, and in which line.
    """
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(f"line {line} holds characters that are not in UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(_in_words(str(error))) from None
    except RecursionError:
        raise ValueError("brackets are opened within brackets without end") from None
    except ValueError:
        raise ValueError("a whole number has thousands of digits") from None


def _in_words(said: str) -> str:
    """
    >>> _in_words("Cannot overwrite a value (at line 5, column 17)")
    'in line 5, column 17 a key stands there that stands further up already'
    """
    place = re.search(r" \(at (line \d+, column \d+|end of document)\)$", said)
    what = said[: place.start()] if place else said
    for pattern, words in _WORDS:
        found = re.fullmatch(pattern, what)
        if found:
            what = words.format(**found.groupdict())
            break
    if place is None:
        return what
    return f"in {place[1]} {what}" if place[1].startswith("line") else f"at the end of the file: {what}"
