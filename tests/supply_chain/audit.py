"""`make check`: does an advisory tell of a weakness in a package that is installed here? Never a pass unasked."""

from __future__ import annotations

import json
import subprocess
import sys

AUDIT = ["-m", "pip_audit", "--local", "--skip-editable", "--progress-spinner=off", "--format=json", "--desc=off"]
UNASKED = "known vulnerabilities were NOT looked for"


def judged(report: str, said: str) -> tuple[int, str]:
    """The exit code, and the words, for pip-audit's report and what it said beside it.

    >>> judged('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', "")
    (0, 'pip-audit: no known vulnerability in 1 package.')
    """
    try:
        found = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (said.strip().splitlines() or ["it said nothing"])[-1]
        return 0, f"pip-audit: {UNASKED}, its service cannot be reached: {why}"
    weak = [f"  {each['name']} {each['version']}: {_advice(one)}" for each in found for one in each.get("vulns", ())]
    if weak:
        return 1, "\n".join(["pip-audit: known vulnerabilities; take the versions that mend them:", *weak])
    unknown = [each["name"] for each in found if "skip_reason" in each]
    if len(unknown) == len(found):
        return 0, f"pip-audit: {UNASKED}, its service here knows none of {len(found)} packages."
    rest = f"; {UNASKED} in {', '.join(unknown)}, which its service does not know" if unknown else ""
    asked = len(found) - len(unknown)
    return 0, f"pip-audit: no known vulnerability in {asked} package{'s' if asked > 1 else ''}{rest}."


def _advice(found: dict[str, list[str]]) -> str:
    return f"{found['id']}, mended in {', '.join(found['fix_versions']) or 'no version yet'}"


if __name__ == "__main__":
    done = subprocess.run([sys.executable, *AUDIT], capture_output=True, text=True, check=False)
    code, words = judged(done.stdout, done.stderr)
    print(words)
    sys.exit(code)
