"""The words behind a verb: what cannot be understood is said in the words of every other refusal."""

from __future__ import annotations

import argparse
import re
from difflib import get_close_matches
from typing import NoReturn

REFUSED = 2
# What argparse says, and what that means.
_WORDS = (
    (
        r"argument (?P<where>\S+): invalid choice: (?P<value>'.*') \(choose from (?P<known>.*)\)",
        "{value} is not known here ({where}). Choose from {known}.",
    ),
    (r"argument (?P<where>\S+): invalid int value: (?P<value>'.*')", "{value} is no whole number ({where})."),
    (r"argument (?P<where>\S+): (?P<what>expected .*)", "{where} stands without what belongs behind it ({what})."),
    (r"the following arguments are required: (?P<what>.*)", "Something is missing: {what}."),
)


class Parser(argparse.ArgumentParser):
    """argparse's own, but for its words."""

    def error(self, message: str) -> NoReturn:
        self.exit(REFUSED, f"{self.format_usage()}{self._in_words(message)} {self.prog} --help tells more.\n")

    def _in_words(self, message: str) -> str:
        stranger = re.fullmatch(r"unrecognized arguments: (\S*).*", message, re.DOTALL)
        if stranger:
            near = get_close_matches(stranger[1], self._option_string_actions, n=1)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            return f"'{stranger[1]}' is not known here.{meant}"
        for pattern, words in _WORDS:
            found = re.fullmatch(pattern, message, re.DOTALL)
            if found:
                return words.format(**found.groupdict())
        return f"{message}."
