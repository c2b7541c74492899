"""The tables behind the charts: rows in words, made once for a view."""

from __future__ import annotations

from plumbline.services.views.explanations import Swarm
from plumbline.services.views.performance import Calibration, CalibrationBin
from plumbline.ui import behind


def test_the_same_view_gives_the_same_table() -> None:
    def view() -> tuple[Swarm, ...]:
        return (Swarm("income", (0.5, -0.2), (0.0, 1.0), ("10", "90"), ("a", "b")),)

    table = behind.swarms(view())
    assert table is behind.swarms(view())
    assert table["Attribution"].to_pylist() == ["+0.500", "−0.200"]


def test_a_probability_is_in_per_cent_and_a_quantity_is_not() -> None:
    bins = (CalibrationBin(0.25, 0.5, 0.4, 0.6, 100, 50),)
    assert behind.calibration(Calibration("2026-10", bins, 100, ""))["Predicted"][0].as_py() == "25.0 %"
    assert behind.calibration(Calibration("2026-10", bins, 100, "", unit=""))["Predicted"][0].as_py() == "0.250"
