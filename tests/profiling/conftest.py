"""A small loan log with known faults of its own making, written where a test wants it."""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.toml_table import Table

Columns = dict[str, Any]
START = np.datetime64("2026-01-01T00:00:00", "us")


@pytest.fixture
def loans() -> Callable[..., Columns]:
    """Columns of `rows` loans; the first tenth is the reference, the rest spreads over `days` days."""

    def make(rows: int = 2_000, *, seed: int = 7, days: int = 90, first_id: int = 0) -> Columns:
        rng = np.random.default_rng(seed)
        score = rng.beta(2, 6, rows)
        label = (rng.random(rows) < score).astype(np.float64)
        label[rng.random(rows) < 0.1] = np.nan
        seconds = np.sort(rng.integers(0, days * 86_400, rows))
        return {
            "id": np.array([f"L{first_id + at:06d}" for at in range(rows)]),
            "event_time": START + seconds.astype("timedelta64[s]"),
            "score": score,
            "label": label,
            "split": np.where(np.arange(rows) < rows // 4, "reference", "production"),
            "income": np.where(rng.random(rows) < 0.05, np.nan, rng.lognormal(10, 1, rows)),
            "dependants": rng.poisson(2, rows),
            "sector": rng.choice(["farm", "shop", "office"], rows, p=[0.5, 0.3, 0.2]),
            "sex": rng.choice(["F", "M"], rows),
            "approved": rng.integers(0, 2, rows),
        }

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Write columns as Parquet (NaN in a label stays NaN, None becomes null); the path comes back."""

    def save(columns: Columns, name: str = "log.parquet") -> str:
        path = tmp_path / name
        pq.write_table(pa.table({key: pa.array(values) for key, values in columns.items()}), path)
        return str(path)

    return save


@pytest.fixture
def spec() -> Callable[..., LogSpec]:
    """`[log]` of the small loan log, with changes; a key set to None is left out."""

    def make(task: Task = Task.BINARY, **changes: Any) -> LogSpec:
        raw: dict[str, Any] = {
            "id": "id",
            "timestamp": "event_time",
            "score": "score",
            "label": "label",
            "decision": {"threshold": 0.3},
            "window": "month",
            "reference": {"column": "split", "equals": "reference"},
            "numeric": ["income", "dependants"],
            "categorical": ["sector"],
            "segments": ["sector"],
            "groups": ["sex"],
        } | changes
        kept = {key: value for key, value in raw.items() if value is not None}
        return parse_log(Table(kept, file="model.toml", path="[log]"), task, ())

    return make


Load = Callable[[dict[str, pa.Table]], str]
SPARK = "pyspark://?spark.master=local-cluster[2,1,1024]&spark.ui.enabled=false&spark.sql.shuffle.partitions=2"
# Of a few thousand rows Spark's machine code would take far longer to make than to run.
LIGHT = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
}


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """PostgreSQL on a port of its own, in a temporary folder, as its own user where we are root."""
    programs = postgres_programs()
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed, so PostgreSQL is not tried (requirements-long.txt)")
    folder = Path(tempfile.mkdtemp(prefix="plumbline-postgres-", dir="/tmp"))
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.getuid() == 0 else None
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(folder / "data")

    def ran(*command: str) -> None:
        subprocess.run(
            [programs / command[0], *command[1:]], check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL
        )

    ran("initdb", "-D", data, "-U", "plumbline", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")
    ran("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", f"-p {port} -k {folder} -c fsync=off", "start")
    try:
        yield f"postgres://plumbline@127.0.0.1:{port}/postgres"
    finally:
        ran("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found and os.getuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-q", "postgresql"], check=False, capture_output=True)
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql), so it is not tried")
    return found[-1].parent


@pytest.fixture
def load_postgres(postgres: str) -> Load:
    """Puts Arrow tables into PostgreSQL, as its own types."""
    psycopg = importlib.import_module("psycopg")
    kinds = {"string": "text", "double": "float8", "int64": "int8", "bool": "bool", "timestamp[us]": "timestamp"}

    def load(tables: dict[str, pa.Table]) -> str:
        with psycopg.connect(postgres, autocommit=True) as db:
            for name, content in tables.items():
                columns = ", ".join(f'"{each.name}" {kinds[str(each.type)]}' for each in content.schema)
                db.execute(f'DROP TABLE IF EXISTS "{name}"')
                db.execute(f'CREATE TABLE "{name}" ({columns})')
                with db.cursor() as cursor, cursor.copy(f'COPY "{name}" FROM STDIN (FORMAT csv)') as copy:
                    copy.write(as_csv(content))
        return postgres

    return load


@pytest.fixture
def reader(postgres: str) -> Iterator[Callable[[], str]]:
    """Makes an account that may read the tables loaded so far and make none; its URL comes back."""
    psycopg = importlib.import_module("psycopg")
    with psycopg.connect(postgres, autocommit=True) as db:

        def made() -> str:
            db.execute("REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC")
            db.execute("CREATE ROLE reader LOGIN")
            db.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
            return postgres.replace("plumbline@", "reader@")

        yield made
        db.execute("DROP OWNED BY reader")
        db.execute("DROP ROLE reader")


def as_csv(content: pa.Table) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file, duckdb.connect() as db:
        db.register("content", content)
        db.execute(f"COPY content TO '{file.name}' (FORMAT csv, HEADER false)")
        return io.BytesIO(Path(file.name).read_bytes()).getvalue()


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A Spark session with two workers of their own."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed, so Spark is not tried (requirements-long.txt)")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed, so Spark is not tried")
    session = importlib.import_module("pyspark.sql").SparkSession
    builder = session.builder.appName("plumbline-tests")
    asked = dict(setting.split("=", 1) for setting in SPARK.split("?")[1].split("&"))
    for key, value in (asked | LIGHT).items():
        builder = builder.config(key, value)
    yield (running := builder.getOrCreate())
    running.stop()


@pytest.fixture
def load_spark(spark: Any, tmp_path: Path) -> Load:
    """Gives Arrow tables to Spark as Parquet, under names of its session."""

    def load(tables: dict[str, pa.Table]) -> str:
        for name, content in tables.items():
            path = tmp_path / f"spark-{name}.parquet"
            pq.write_table(content, path)
            spark.read.parquet(str(path)).createOrReplaceTempView(name)
        return SPARK

    return load
