"""The rules of the house that import-linter cannot hold: who may say what, and how long a room may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = sorted((ROOT / "src" / "plumbline").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
EVERYTHING = [*SOURCE, *PAGES, ROOT / "app.py", ROOT / "asgi.py"]

PAGE_MAY_IMPORT = {"streamlit", "plumbline.ui", "plumbline.charts", "plumbline.workflow.commands", "__future__"}
STATS_MAY_IMPORT = {"numpy", "scipy"}
BANNED_NAMES = {"utils", "helpers", "common", "core", "base", "manager", "misc"}


def imports(path: Path) -> set[str]:
    """Every module that the file imports, written out in full."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
    return found


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function with its length in lines, the docstring left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_imports_only_what_a_page_may(page: Path) -> None:
    strangers = {
        module
        for module in imports(page)
        if not any(module == allowed or module.startswith(allowed + ".") for allowed in PAGE_MAY_IMPORT)
    }
    assert not strangers, f"{name(page)} imports {strangers}; pages read, show and act, nothing more"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_is_thin(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize("path", EVERYTHING, ids=name)
def test_no_file_outgrows_a_reader(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", EVERYTHING, ids=name)
def test_no_function_outgrows_a_screen(path: Path) -> None:
    too_long = {title: lines for title, lines in functions(path) if lines > 40}
    assert not too_long


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert not {name(path) for path in EVERYTHING if path.stem in BANNED_NAMES}


def test_every_room_says_what_it_is_for() -> None:
    silent = {name(path) for path in EVERYTHING if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))}
    assert not silent


def test_only_the_session_file_touches_session_state() -> None:
    talkers = {name(path) for path in EVERYTHING if "session_state" in path.read_text(encoding="utf-8")}
    assert talkers <= {"src/plumbline/ui/session.py"}


def test_domain_needs_nothing_but_the_standard_library() -> None:
    import sys

    strangers = {
        (name(path), module)
        for path in (ROOT / "src/plumbline/domain").glob("*.py")
        for module in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not module.startswith("plumbline.domain")
    }
    assert not strangers


def test_stats_need_numpy_and_scipy_special_alone() -> None:
    import sys

    strangers = {
        (name(path), module)
        for path in (ROOT / "src/plumbline/stats").glob("*.py")
        for module in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names | STATS_MAY_IMPORT
        and not module.startswith(("plumbline.stats", "plumbline.domain"))
    }
    assert not strangers
    assert not [path for path in SOURCE if "scipy.stats" in imports(path)], "scipy.stats costs a second at every start"


def test_no_clock_is_read_below_the_doors() -> None:
    doors = ("ui", "cli", "api")
    readers = {
        name(path)
        for path in SOURCE
        if path.relative_to(ROOT / "src/plumbline").parts[0] not in doors
        and any(call in path.read_text(encoding="utf-8") for call in ("datetime.now(", "date.today(", "utcnow("))
    }
    assert not readers
