"""One plan, every engine: profiles that a warehouse gives through Ibis are those of the files, number for number."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.toml_table import Table
from plumbline.profiling import number_bins, warehouse_freeze, warehouse_order
from plumbline.profiling.assemble import Counted
from plumbline.profiling.bins import NumericBins
from plumbline.profiling.count import count
from plumbline.profiling.profile import Profile, Sums
from plumbline.profiling.serial import encode
from plumbline.profiling.warehouse import NO_ROWS, count_tables, engine_name

Columns = dict[str, Any]
IDS: Columns = {"model_id": "m", "version_id": "1"}
Load = Callable[[dict[str, pa.Table]], str]
Plan = tuple[LogSpec, dict[str, pa.Table]]
# One server, and one cluster, for all tests of it.
POSTGRES = [pytest.mark.long]
SPARK = [pytest.mark.long]
ENGINES = ["duckdb", pytest.param("postgres", marks=POSTGRES), pytest.param("spark", marks=SPARK)]


def table(columns: Columns) -> pa.Table:
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def log_spec(task: Task = Task.BINARY, metrics: tuple[dict[str, Any], ...] = (), **changes: Any) -> LogSpec:
    raw: dict[str, Any] = {
        "id": "id",
        "timestamp": "event_time",
        "score": "score",
        "label": "label",
        "decision": {"threshold": 0.3},
        "reference": {"column": "split", "equals": "reference"},
        "numeric": ["income", "dependants", "constant", "mostly_zero"],
        "categorical": ["sector", "owner"],
        "segments": ["sector"],
        "groups": ["sex"],
        "intersections": [["sex", "sector"]],
    } | changes
    kept = {key: value for key, value in raw.items() if value is not None}
    tables = tuple(Table(dict(each), file="model.toml", path="[[metrics]]") for each in metrics)
    return parse_log(Table(kept, file="model.toml", path="[log]"), task, tables)


def loans(rows: int = 3_000, seed: int = 5) -> Columns:
    """Missing values, NaN, infinities, a null group, a huge value, unseen levels; 40 % of the rows the reference."""
    rng = np.random.default_rng(seed)
    score, later = rng.beta(2, 6, rows), np.arange(rows) >= rows * 2 // 5
    label = [None if rng.random() < 0.1 else float(rng.random() < each) for each in score]
    income = np.where(rng.random(rows) < 0.05, np.nan, rng.lognormal(10, 1, rows))
    income[[7, rows - 7]] = np.inf, -np.inf
    seconds = np.sort(rng.integers(0, 120 * 86_400, rows))
    sector = np.where(later & (rng.random(rows) < 0.1), rng.integers(0, 300, rows).astype(str), "shop")
    return {
        "id": [f"L{at:06d}" for at in range(rows)],
        "event_time": np.datetime64("2025-11-20T00:00:00", "us") + seconds.astype("timedelta64[s]"),
        "score": score,
        "label": label,
        "split": np.where(later, "production", "reference"),
        "income": [None if at % 17 == 0 else float(value) for at, value in enumerate(income)],
        "dependants": rng.poisson(2, rows) - 1,
        "constant": np.full(rows, 0.1),
        "mostly_zero": np.where(rng.random(rows) < 0.7, 0.0, rng.normal(0, 3, rows)),
        "sector": np.where(rng.random(rows) < 0.4, "é farm", sector),
        "owner": rng.integers(0, 2, rows).astype(bool),
        "sex": [None if at % 11 == 0 else "FM"[at % 2] for at in range(rows)],
        "approved": [None if at % 13 == 0 else int(at % 3 == 0) for at in range(rows)],
    }


def binary() -> Plan:
    """Every reason of quarantine that typed columns can give, and a twin of an id."""
    log = loans()
    log["score"][[1_500, 1_501, 1_502]] = np.nan, np.inf, 1.2
    log["label"][1_600] = 3.0
    times = log["event_time"].astype(object)
    times[1_700] = None
    log |= {"event_time": times.tolist()}
    log["id"][2_500] = log["id"][2_400]
    return log_spec(label_maturity="30d"), {"log": table(log)}


def text_columns() -> Plan:
    """Times, outcomes, decisions and numbers as text, some of them none."""
    log = loans(1_500)
    log["event_time"] = [f"{each}Z".replace(" ", "T") for each in np.datetime_as_string(log["event_time"], unit="s")]
    log["event_time"][900:904] = ["soon", "2026-02-30T00:00:00Z", "2026-01-05", "2026-01-05 23:30:00-03:00"]
    log["label"] = [None if each is None else "true" if each else "0" for each in log["label"]]
    log["label"][950:953] = ["perhaps", "NaN", "FALSE"]
    log["approved"] = [None if each is None else str(each) for each in log["approved"]]
    log["approved"][970] = "7"
    log["dependants"] = [f" {each}e0" for each in log["dependants"].tolist()]
    return log_spec(decision={"column": "approved"}, window="day"), {"log": table(log)}


def own_windows() -> Plan:
    """The reference from a table of its own, windows by a column, outcomes from a third table."""
    log, reference = loans(2_000, 6), loans(1_500, 7)
    log["period"] = [{40: None, 41: "", 42: "reference"}.get(at, f"P{at % 3}") for at in range(2_000)]
    reference["id"] = [f"R{at:06d}" for at in range(1_500)]
    later = {"id": [*log["id"][::3], *log["id"][::3][:5]], "label": [1] * 667 + [1] * 5}
    spec = log_spec(window={"column": "period"}, reference=None)
    return spec, {"log": table(log), "reference": table(reference), "labels": table(later)}


def regression() -> Plan:
    """Amounts, some far outside the reference, with the house's own figures."""
    log = loans(2_400)
    rng = np.random.default_rng(3)
    log["label"] = np.where(rng.random(2_400) < 0.1, np.nan, rng.gamma(2, 900, 2_400).round(2))
    log["score"] = np.round(rng.gamma(2, 900, 2_400), 1)
    log["score"][2_000] = 1e12
    log["income"][2_100:2_104] = [1e300, -1e300, 1e-300, 4e-320]
    log["mostly_zero"][2_200] = -1e15
    metrics = (
        {"key": "dependants_mean", "mean_of": "dependants", "direction": "lower"},
        {"key": "burden", "ratio": ["income", "score"], "direction": "lower"},
    )
    spec = log_spec(Task.REGRESSION, metrics, decision=None, window="week", segments=["owner"], intersections=None)
    return spec, {"log": table(log)}


def points() -> Plan:
    """A scorecard: points in whole numbers, decisions in a column, few distinct scores."""
    log = loans(2_000)
    log["score"] = (300 + 500 * log["score"]).astype(np.int64)
    extra: Columns = {"score_kind": "points", "score_range": [300, 850], "higher_is": "safer"}
    return log_spec(decision={"column": "approved"}, window="quarter", **extra), {"log": table(log)}


def multiclass() -> Plan:
    log = loans(1_500)
    rng = np.random.default_rng(9)
    shares = rng.dirichlet([2, 1, 1], 1_500)
    log |= {f"p{at}": shares[:, at] for at in range(3)}
    log["label"] = [None if at % 9 == 0 else "abc"[int(rng.choice(3, p=share))] for at, share in enumerate(shares)]
    log["label"][1_200] = "d"
    log["p1"][1_210] = np.nan
    score = {"a": "p0", "b": "p1", "c": "p2"}
    return log_spec(Task.MULTICLASS, score=score, decision=None, window="year"), {"log": table(log)}


def exposures(rows: int) -> list[float | None]:
    """With all their digits; some of no weight, some of more than the reference has, some that are none."""
    found: list[float | None] = np.random.default_rng(8).gamma(2, 0.3, rows).tolist()
    found[::50] = [0.0] * len(found[::50])
    found[-9:-1] = [None, np.nan, np.inf, -np.inf, -0.25, 700.0, 1e-12, 0.0]
    return found


def weighed() -> Plan:
    """Rows that count by weight, with the house's own figures; a group that weighs nothing."""
    log = loans(2_000)
    log["exposure"] = [0.0 if sex is None else each for sex, each in zip(log["sex"], exposures(2_000), strict=True)]
    metrics = ({"key": "dependants_mean", "mean_of": "dependants", "direction": "lower"},)
    return log_spec(Task.BINARY, metrics, weight="exposure", intersections=None), {"log": table(log)}


def weighed_amounts() -> Plan:
    spec, tables = regression()
    log = tables["log"].append_column("exposure", pa.array(exposures(2_400)))
    return dataclasses.replace(spec, weight="exposure"), {"log": log}


def weighed_classes() -> Plan:
    """Weights as text."""
    spec, tables = multiclass()
    told = [None if each is None else repr(each) for each in exposures(1_500)]
    return dataclasses.replace(spec, weight="exposure"), {
        "log": tables["log"].append_column("exposure", pa.array(told))
    }


PLANS: dict[str, Callable[[], Plan]] = {
    each.__name__: each
    for each in (
        *(binary, text_columns, own_windows, regression, points, multiclass),
        *(weighed, weighed_amounts, weighed_classes),
    )
}

# The rest take tens of seconds of writing queries: they run in the long tier, as do the other engines.
QUICK = ("text_columns", "regression")
FEW = 16


@pytest.fixture
def load(request: pytest.FixtureRequest, engine: str) -> Load:
    """Puts tables into the engine; its URL comes back."""
    found: Load = request.getfixturevalue(f"load_{engine}")
    return found


@pytest.fixture
def load_duckdb(tmp_path: Path) -> Load:
    return lambda tables: in_duckdb(tables, tmp_path / "warehouse.duckdb")


def in_duckdb(tables: dict[str, pa.Table], path: Path) -> str:
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as db:
        for name, content in tables.items():
            db.register("arrow", content)
            db.execute(f"CREATE TABLE {name} AS FROM arrow")
    return f"duckdb://{path}"


def from_files(spec: LogSpec, tables: dict[str, pa.Table], folder: Path, *, now: datetime | None = None) -> Counted:
    paths = {name: folder / f"{name}.parquet" for name in tables}
    for name, path in paths.items():
        pq.write_table(tables[name], path)
    given: Columns = {name: [paths[name]] if name in paths else [] for name in ("log", "reference", "labels")}
    return count(spec, **IDS, **given, now=now)


def from_tables(spec: LogSpec, tables: dict[str, pa.Table], url: str, *, now: datetime | None = None) -> Counted:
    named: Columns = {name: name for name in tables}
    return count_tables(spec, engine=url, **IDS, **named, now=now)


def differences(one: Any, two: Any, path: str = "") -> Iterator[str]:
    """Where two profiles differ: whole numbers must be equal, sums equal to a billionth (engines differ on ln)."""
    if isinstance(one, Sums):
        for name, mine, theirs in zip(one.names, one.totals, two.totals, strict=True):
            if abs(mine - theirs) > 1e-9 * abs(mine):
                yield f"{path}.{name}: {mine} and {theirs}"
    elif dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            if field.name != "sources":
                yield from differences(getattr(one, field.name), getattr(two, field.name), f"{path}.{field.name}")
    elif isinstance(one, dict):
        if one.keys() != two.keys():
            yield f"{path}: {set(one) ^ set(two)}"
        for key in one.keys() & two.keys():
            yield from differences(one[key], two[key], f"{path}[{key}]")
    elif not np.array_equal(one, two):
        yield f"{path}: {one} and {two}"


def same(one: Counted, two: Counted) -> list[str]:
    grids = one.reference.grid.to_json(), two.reference.grid.to_json()
    if grids[0] != grids[1]:
        return ["the grids differ", *grids]
    pairs = zip((one.reference, *one.windows), (two.reference, *two.windows), strict=True)
    found = [each for mine, theirs in pairs for each in differences(mine, theirs, mine.window.label)]
    told = tuple(each.replace(".parquet", "") for each in one.notes)
    rest = (one.rows_in, one.quarantine, told), (two.rows_in, two.quarantine, two.notes)
    return found if rest[0] == rest[1] else [*found, str(rest)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "plan", [plan if plan in QUICK else pytest.param(plan, marks=pytest.mark.long) for plan in PLANS]
)
def test_a_warehouse_gives_the_profiles_of_the_files(plan: str, load: Load, tmp_path: Path) -> None:
    spec, tables = PLANS[plan]()
    files = from_files(spec, tables, tmp_path)
    warehouse = from_tables(spec, tables, load(tables))
    assert not same(files, warehouse)
    assert files.rows_in == sum(each.num_rows for name, each in tables.items() if name != "labels")


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_of_the_future_are_the_same_everywhere(load: Load, tmp_path: Path) -> None:
    """The log runs to 20 March; by a clock of 1 March, what is dated after the 2nd is set aside and makes no window."""
    spec, tables = log_spec(), {"log": table(loans())}
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    files = from_files(spec, tables, tmp_path, now=now)
    assert not same(files, from_tables(spec, tables, load(tables), now=now))
    ahead = np.asarray(tables["log"]["event_time"]) >= np.datetime64("2026-03-03")
    assert files.quarantine["time in the future"] == ahead.sum() > 100
    assert files.windows[-1].last_time == np.asarray(tables["log"]["event_time"])[~ahead].max().item().replace(
        tzinfo=UTC
    )


def test_the_bytes_of_the_profiles_are_the_same(tmp_path: Path) -> None:
    spec, tables = binary()
    both = from_files(spec, tables, tmp_path), from_tables(spec, tables, in_duckdb(tables, tmp_path / "w.duckdb"))

    def written(profile: Profile) -> bytes:
        return encode(dataclasses.replace(profile, sources=()))

    assert written(both[0].reference) == written(both[1].reference)
    assert [written(each) for each in both[0].windows] == [written(each) for each in both[1].windows]
    assert set(both[1].quarantine) == {
        "duplicate id",
        "label other than 0 and 1",
        "probability outside [0, 1]",
        "score not finite",
        "time missing",
    }


@pytest.mark.parametrize(
    "plan", [plan if plan == "regression" else pytest.param(plan, marks=pytest.mark.long) for plan in PLANS]
)
def test_only_counts_leave_the_warehouse(plan: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few bins no answer is longer than windows times bins (times slices), and none names a row or its values."""
    monkeypatch.setattr(warehouse_freeze, "FEATURE_CELLS", FEW)
    monkeypatch.setattr(warehouse_freeze, "score_cells", lambda _: FEW)
    monkeypatch.setattr(warehouse_order, "_BUCKETS", FEW)
    for module in (number_bins, warehouse_order):
        monkeypatch.setattr(module, "BY_VALUE", FEW)
    spec, tables = PLANS[plan]()
    window = spec.window if spec.window_column else "quarter"
    spec = dataclasses.replace(spec, window=window, segments=("owner",), groups=("sex",), intersections=())
    answers: list[pa.Table] = []
    whole = Backend.to_pyarrow

    def told(self: Any, expression: Any, **options: Any) -> pa.Table:
        answers.append(whole(self, expression, **options))
        return answers[-1]

    monkeypatch.setattr(Backend, "to_pyarrow", told)
    counted = from_tables(spec, tables, in_duckdb(tables, tmp_path / "w.duckdb"))
    assert len(answers) > 8
    grid, windows = counted.reference.grid, len(counted.windows)
    bins = max(each.size for each in (*grid.columns.values(), *grid.scores.values()) if isinstance(each, NumericBins))
    slices = 1 + sum(len(values) + 1 for values in grid.slices.values())
    longest = max(windows * max(3 * bins * slices, 8 * (bins + 2)), 22 * 8)
    assert max(each.num_rows for each in answers) <= longest < counted.rows_in
    rows_of = {name for each in tables.values() for name in each.column_names}
    assert not [each.column_names for each in answers if rows_of & set(each.column_names)]
    ids = {word for each in tables.values() for word in each["id"].to_pylist()}
    for answer in answers:
        for column in answer.columns:
            values = set(column.to_pylist())
            assert not ids & values
            # Real values: extremes by window, the neighbours of deciles, and the values of a column that has few.
            assert not pa.types.is_floating(column.type) or len(values) <= 8 * max(22, 2 * windows, FEW + 1)


@pytest.mark.long
def test_an_account_that_may_only_read_counts_too(
    load_postgres: Load, reader: Callable[[], str], tmp_path: Path
) -> None:
    """Without the right to make temporary tables everything is worked out again for every query."""
    spec, tables = points()
    load_postgres(tables)
    url = reader()
    assert not same(from_files(spec, tables, tmp_path), from_tables(spec, tables, url))
    with pytest.raises(Exception, match="permission denied"):
        ibis.connect(url).raw_sql("CREATE TEMP TABLE scratch (x int)")


@pytest.mark.long
def test_which_of_several_rows_counts_does_not_depend_on_their_order(tmp_path: Path) -> None:
    """The earliest row of an id stands; of two at one time the one that is smaller in what is counted."""
    columns = loans(600)
    columns["id"][500:503] = [columns["id"][499]] * 3
    spec, content = log_spec(), table(columns)
    shuffled = content.take(pa.array(np.random.default_rng(1).permutation(600)))
    first = from_tables(spec, {"log": content}, in_duckdb({"log": content}, tmp_path / "a.duckdb"))
    second = from_tables(spec, {"log": shuffled}, in_duckdb({"log": shuffled}, tmp_path / "b.duckdb"))
    assert not same(first, second)
    assert first.quarantine == {"duplicate id": 3}


@pytest.mark.parametrize(
    ("change", "spec", "said"),
    [
        ({}, log_spec(score="scroe"), "no column 'scroe' (table log). Did you mean 'score'?"),
        ({"income": ["high"] * 50}, log_spec(), "must hold numbers, not 'high' (table log)"),
        ({"score": np.full(50, 7.5)}, log_spec(), "no usable row: 20 probability outside [0, 1]; one row has score ="),
        ({"id": ["same"] * 50}, log_spec(), "overlaps the log: rows in both: 1, the first with id = 'same'"),
        ({"event_time": [1] * 50}, log_spec(), "holds int64, not times (table log)"),
        ({}, log_spec(reference=None), "There is no reference (table log)"),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused_whole(
    change: Columns, spec: LogSpec, said: str, tmp_path: Path
) -> None:
    tables = {"log": table(loans(50) | change)}
    with pytest.raises(LogError) as refused:
        from_tables(spec, tables, in_duckdb(tables, tmp_path / "w.duckdb"))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("duckdb:///nowhere/w.duckdb", "There is no such file (/nowhere/w.duckdb)"),
        ("nosuch://host/db", "The warehouse cannot be reached"),
        ("postgres://ana:secret@127.0.0.1:1/db", "--engine postgres://..."),
    ],
)
def test_an_engine_that_is_not_there_is_refused_without_its_password(url: str, said: str) -> None:
    with pytest.raises(LogError) as refused:
        count_tables(log_spec(), engine=url, log="log", **IDS)
    assert said in str(refused.value) or "is not installed" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    url = in_duckdb({"log": table(loans(10))}, tmp_path / "w.duckdb")
    with pytest.raises(LogError, match=r"table main\.lgo"):
        count_tables(log_spec(), engine=url, log="main.lgo", **IDS)


def test_the_account_names_the_engine_and_not_its_url() -> None:
    named = [engine_name(each) for each in ("duckdb", "spark://h:7077", "postgresql://a:b@h/d", "duckdb://f.duckdb")]
    assert named == ["duckdb", "pyspark", "postgres", "duckdb"]


def test_what_takes_rows_is_not_made_and_the_run_says_so(tmp_path: Path) -> None:
    tables = {"log": table(loans(60))}
    found = from_tables(log_spec(domain_rows=500), tables, in_duckdb(tables, tmp_path / "w.duckdb"))
    assert NO_ROWS in found.notes
    assert all(each.domain is None for each in (found.reference, *found.windows))


def test_a_run_over_files_does_not_pay_for_the_library() -> None:
    asked = "import sys, plumbline.cli.monitor, plumbline.profiling.warehouse; print('ibis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


numbers = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, -0.0, 0.5, 1e-200, 1e200, 2.0**52 + 0.5]))


# Each log is counted in seconds by a warehouse, so there are few; a failing one is shown as it is, not made smaller.
@pytest.mark.long
@settings(
    max_examples=8,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", None, "c"]),
            numbers,
            st.one_of(st.none(), st.floats(0, 1), st.just(1.5)),
            st.sampled_from([0.0, 1.0, None, 2.0]),
            st.integers(0, 70),
        ),
        min_size=4,
        max_size=24,
    )
)
def test_any_small_log_gives_equal_profiles(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    start = np.datetime64("2026-01-20T00:00:00", "us")
    kinds = {"word": pa.string(), "x": pa.float64(), "score": pa.float64(), "label": pa.float64()}
    columns: Columns = {
        name: pa.array([row[at] for row in rows], kind) for at, (name, kind) in enumerate(kinds.items())
    }
    columns["event_time"] = pa.array([start + np.timedelta64(row[4], "D") for row in rows])
    columns["split"] = pa.array(["reference" if at % 2 else "log" for at in range(len(rows))])
    changes: Columns = {
        "numeric": ["x"],
        "categorical": ["word"],
        "segments": ["word"],
        "groups": None,
        "intersections": None,
    }
    spec, tables = log_spec(id=None, **changes), {"log": pa.table(columns)}
    found: list[Counted | str] = []
    for counted in (from_files, from_tables):
        place: Any = tmp_path if counted is from_files else in_duckdb(tables, tmp_path / "w.duckdb")
        try:
            found.append(counted(spec, tables, place))
        except LogError as refused:
            found.append(refused.what.split(";")[0])
    if isinstance(found[0], str) or isinstance(found[1], str):
        assert found[0] == found[1]
    else:
        assert not same(found[0], found[1])
