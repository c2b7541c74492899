"""`make check`: the bill of materials (CycloneDX) of what `make run` installs, for the house's own scanners."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# Its own check against the standard's schema takes half a minute; a test reads what comes of it.
LISTING = ["-m", "cyclonedx_py", "environment", "--pyproject=pyproject.toml", "--no-validate", "--output-reproducible"]


def pinned(lines: str) -> dict[str, str]:
    """
    >>> pinned("# tested pins\\n-e .\\nJinja2==3.1.6")
    {'jinja2': '3.1.6'}
    """
    found = re.findall(r"^([\w.-]+)==(\S+)", lines, re.MULTILINE)
    return {plain(name): version for name, version in found}


def plain(name: str) -> str:
    """As indexes compare names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def of_run(whole: dict[str, Any], keep: dict[str, str]) -> dict[str, Any]:
    """The bill without what only testing needs."""
    kept = [each for each in whole["components"] if plain(each["name"]) in keep]
    known = {each["bom-ref"] for each in kept} | {whole["metadata"]["component"]["bom-ref"]}
    links = [
        each | {"dependsOn": [ref for ref in each.get("dependsOn", ()) if ref in known]}
        for each in whole["dependencies"]
        if each["ref"] in known
    ]
    return whole | {"components": kept, "dependencies": links}


def listed() -> dict[str, Any]:
    """The bill of this environment, as far as `requirements.txt` names it."""
    done = subprocess.run([sys.executable, *LISTING], cwd=ROOT, capture_output=True, text=True, check=True)
    return of_run(json.loads(done.stdout), pinned((ROOT / "requirements.txt").read_text(encoding="utf-8")))


if __name__ == "__main__":
    found = listed()
    (target := ROOT / "build" / "sbom.cdx.json").parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(f"SBOM: {len(found['components'])} packages in {target.relative_to(ROOT)}")
