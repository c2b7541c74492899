"""`[[metrics]]` of a model file: business figures of the house."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.domain.toml_table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseMetric:
    """A business figure of the house: the mean of a column, or one column's sum over another's."""

    key: str
    direction: str  # lower, higher: which way is good
    mean_of: str = ""
    ratio: tuple[str, str] | None = None
    role: str = "proxy"  # proxy, counter

    @property
    def columns(self) -> tuple[str, ...]:
        return self.ratio if self.ratio else (self.mean_of,)


def read_metrics(tables: tuple[Table, ...]) -> tuple[HouseMetric, ...]:
    """`[[metrics]]` of a model file; LogError for one that is none, or a key given twice."""
    metrics = tuple(_metric(each) for each in tables)
    keys = [metric.key for metric in metrics]
    for table, key in zip(tables, keys, strict=True):
        if keys.count(key) > 1:
            raise table.refuse("key", f"is '{key}' of two metrics", "Give each a key of its own.")
    return metrics


def _metric(table: Table) -> HouseMetric:
    ratio = table.texts("ratio")
    mean_of = table.text("mean_of", "")
    if (len(ratio) == 2) == bool(mean_of) or len(ratio) not in (0, 2):
        raise table.refuse("ratio", "a metric is mean_of one column or a ratio of two", 'ratio = ["lost", "amount"].')
    metric = HouseMetric(
        key=table.text("key"),
        direction=table.choice("direction", ["lower", "higher"]),
        mean_of=mean_of,
        ratio=(ratio[0], ratio[1]) if ratio else None,
        role=table.choice("role", ["proxy", "counter"], "proxy"),
    )
    table.close()
    return metric
