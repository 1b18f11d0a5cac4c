"""Disparities within strata: golden values, the split of the gap, and honest intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairness.errors import ArgumentError
from fairness.metrics import estimate
from fairness.sensitivity import conditional, strata_frame
from fairness.sensitivity.pooling import pool
from fairness.sensitivity.strata import lay_out
from fairness.table import CountTable

BERKELEY = {
    "A": ((512, 313), (89, 19)),
    "B": ((353, 207), (17, 8)),
    "C": ((120, 205), (202, 391)),
    "D": ((138, 279), (131, 244)),
    "E": ((53, 138), (94, 299)),
    "F": ((22, 351), (24, 317)),
}
"""Admitted and rejected, men and women, by department (Bickel, Hammel and O'Connell 1975)."""


def table_of(cells: list[tuple[str, str, int, int]], weight: float = 1.0) -> CountTable:
    """Build a table from (stratum, group, decision, rows)."""
    frame = pd.DataFrame(cells, columns=["stratum", "group", "said", "n"])
    frame = frame.loc[frame.index.repeat(frame["n"])]
    return CountTable.from_rows(
        frame["said"],
        frame["said"],
        sensitive={"group": frame["group"]},
        control={"stratum": frame["stratum"]},
        weight=np.full(len(frame), weight) if weight != 1 else None,
        positive=1,
        task="binary",
    )


@pytest.fixture(scope="module")
def berkeley() -> CountTable:
    return table_of(
        [
            (department, sex, said, n)
            for department, by_sex in BERKELEY.items()
            for sex, (yes, no) in zip(("men", "women"), by_sex, strict=True)
            for said, n in ((1, yes), (0, no))
        ]
    )


def test_berkeley_turns_around(berkeley: CountTable) -> None:
    row = conditional(berkeley, "group", ["stratum"], "selection_rate").iloc[0]
    assert (row["group"], row["reference"]) == ("men", "women")
    assert row["gap"] == pytest.approx(1198 / 2691 - 557 / 1835, abs=1e-12)
    assert row["gap"] == pytest.approx(0.1416, abs=5e-5)
    above, below = 0.0, 0.0
    for (m1, m0), (w1, w0) in BERKELEY.values():
        m, w = m1 + m0, w1 + w0
        above += m * w / (m + w) * (m1 / m - w1 / w)
        below += m * w / (m + w)
    assert row["pooled"] == pytest.approx(above / below, abs=1e-12)
    assert -0.05 < row["pooled"] < 0 < row["high"]
    assert row["composition"] > row["gap"] > 0 > row["within"]
    assert row["composition"] + row["within"] == pytest.approx(row["gap"], abs=1e-12)
    assert (row["strata"], row["strata_left_out"], row["rows_share"]) == (6, 0, 1.0)
    assert row["verdict"] == "within"


def test_a_finer_tolerance_asks_for_more_data(berkeley: CountTable) -> None:
    row = conditional(berkeley, "group", ["stratum"], "selection_rate", tolerance=0.02).iloc[0]
    assert row["verdict"] == "not enough data"


def test_strata_frame_holds_each_department(berkeley: CountTable) -> None:
    frame = strata_frame(berkeley, "group", ["stratum"], "selection_rate")
    assert frame["stratum"].tolist() == [name for name in BERKELEY for _ in range(2)]
    for row in frame.itertuples():
        yes, no = BERKELEY[row.stratum][("men", "women").index(row.group)]
        assert row.value == pytest.approx(yes / (yes + no))
        assert row.low < row.value < row.high
        assert row.n == row.denominator == yes + no
    states = frame.set_index(["stratum", "group"])["state"]
    assert states["B", "women"] == "not estimable"
    assert states["A", "men"] == "estimable"


counts = st.lists(
    st.tuples(*[st.integers(0, 60) for _ in range(6)]), min_size=1, max_size=6
).filter(lambda rows: sum(map(sum, rows)) > 0)


@given(counts)
def test_the_split_adds_up(rows: list[tuple[int, ...]]) -> None:
    table = table_of(
        [
            (f"s{place}", group, said, row[2 * which + said])
            for place, row in enumerate(rows)
            for which, group in enumerate("abc")
            for said in (0, 1)
        ]
    )
    frame = conditional(table, "group", ["stratum"], "selection_rate")
    for row in frame.itertuples():
        assert row.gap >= 0
        if row.strata == 0:
            assert np.isnan([row.pooled, row.low, row.high, row.composition, row.within]).all()
            assert row.verdict == "not enough data"
            continue
        assert row.composition + row.within == pytest.approx(row.compared_gap, abs=1e-12)
        assert row.low <= row.pooled <= row.high
        if row.strata_left_out == 0:
            assert row.rows_share == 1
            assert row.compared_gap == pytest.approx(row.gap, abs=1e-12)


def test_strata_without_both_groups_are_left_out_and_counted() -> None:
    table = table_of(
        [
            *(("x", "a", 1, 60), ("x", "a", 0, 60), ("y", "b", 1, 10), ("y", "b", 0, 60)),
            *(("z", "a", 1, 40), ("z", "a", 0, 40), ("z", "b", 1, 30), ("z", "b", 0, 50)),
        ]
    )
    row = conditional(table, "group", ["stratum"], "selection_rate").iloc[0]
    assert (row["strata"], row["strata_left_out"]) == (1, 2)
    assert row["rows_share"] == pytest.approx(160 / 350)
    assert row["pooled"] == pytest.approx(0.5 - 0.375)
    assert row["composition"] == pytest.approx(0, abs=1e-12)
    assert row["gap"] == pytest.approx(0.5 - 40 / 150)


def test_without_any_common_stratum_nothing_is_said() -> None:
    table = table_of([("x", "a", 1, 90), ("x", "a", 0, 60), ("y", "b", 1, 90), ("y", "b", 0, 90)])
    row = conditional(table, "group", ["stratum"], "selection_rate").iloc[0]
    assert np.isnan(row["pooled"])
    assert row["rows_share"] == 0
    assert row["verdict"] == "not enough data"


def test_a_pool_without_variation_is_not_certain() -> None:
    table = table_of([("x", group, 0, 40) for group in "ab"] + [("y", "a", 1, 1)])
    row = conditional(table, "group", ["stratum"], "selection_rate").iloc[0]
    assert row["pooled"] == 0
    assert row["low"] < -0.05
    assert row["high"] > 0.05
    assert row["verdict"] == "not enough data"


def test_equal_weights_change_nothing_but_the_variance_formula(berkeley: CountTable) -> None:
    plain = conditional(berkeley, "group", ["stratum"], "selection_rate").iloc[0]
    doubled = table_of(
        [
            (department, sex, said, n)
            for department, by_sex in BERKELEY.items()
            for sex, (yes, no) in zip(("men", "women"), by_sex, strict=True)
            for said, n in ((1, yes), (0, no))
        ],
        weight=2.0,
    )
    row = conditional(doubled, "group", ["stratum"], "selection_rate").iloc[0]
    for name in ("gap", "pooled", "composition", "within"):
        assert row[name] == pytest.approx(plain[name], abs=1e-12)
    assert row["high"] - row["low"] == pytest.approx(plain["high"] - plain["low"], rel=0.02)


def test_one_stratum_gives_the_raw_gap() -> None:
    table = table_of([("x", "a", 1, 70), ("x", "a", 0, 30), ("x", "b", 1, 40), ("x", "b", 0, 60)])
    row = conditional(table, "group", ["stratum"], "selection_rate").iloc[0]
    assert row["pooled"] == pytest.approx(0.3)
    assert row["within"] == pytest.approx(0.3)
    error = np.sqrt(0.7 * 0.3 / 100 + 0.4 * 0.6 / 100)
    assert row["high"] - row["pooled"] == pytest.approx(1.959964 * error, rel=0.01)
    assert row["verdict"] == "beyond"


def simulated(
    rng: np.random.Generator, strata: int, rows: int, gap: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw two groups in strata with different base rates and one true difference."""
    base = rng.uniform(0.1, 0.6, strata)
    stratum = np.repeat(np.arange(strata), 2 * rows)
    group = np.tile(np.repeat([0, 1], rows), strata)
    said = rng.random(len(stratum)) < base[stratum] + gap * group
    return stratum, group, said


@pytest.mark.slow
@pytest.mark.parametrize(("strata", "rows"), [(3, 200), (150, 2)])
def test_the_interval_covers_for_large_and_for_sparse_strata(strata: int, rows: int) -> None:
    rng = np.random.default_rng(strata)
    hits = 0
    replicates = 400
    for _ in range(replicates):
        stratum, group, said = simulated(rng, strata, rows, 0.2)
        # more strata than an attribute may have groups: two controls are crossed
        table = CountTable.from_rows(
            said,
            said,
            sensitive={"group": group.astype(str)},
            control={"tens": stratum // 10, "ones": (stratum % 10).astype(str)},
            task="binary",
            positive=True,
        )
        row = conditional(table, "group", ["tens", "ones"], "selection_rate", reference="0").iloc[
            0
        ]
        hits += row["low"] <= 0.2 <= row["high"]
    assert hits / replicates >= 0.92


def test_intervals_hold_for_all_pairs_at_once() -> None:
    rng = np.random.default_rng(0)
    n = 3000
    group = rng.choice(list("abcd"), n)
    said = rng.random(n) < 0.4
    table = CountTable.from_rows(
        said,
        said,
        sensitive={"group": group},
        control={"stratum": rng.choice(["x", "y"], n)},
        positive=True,
    )
    every = conditional(table, "group", ["stratum"], "selection_rate")
    assert len(every) == 6
    assert (every["comparisons"] == 6).all()
    against = conditional(table, "group", ["stratum"], "selection_rate", reference="a")
    assert against["reference"].eq("a").all()
    assert len(against) == 3
    pair = every[(every["group"] + every["reference"]).isin(["ab", "ba"])].iloc[0]
    one = against[against["group"] == "b"].iloc[0]
    assert abs(pair["pooled"]) == pytest.approx(abs(one["pooled"]))
    assert pair["high"] - pair["low"] > one["high"] - one["low"]
    error = pool(lay_out(table, "group", ["stratum"], "selection_rate"), 1, 0).error
    # between the quantile of one comparison and Bonferroni's of three, and of six
    assert 1.96 < (one["high"] - one["low"]) / 2 / error < 2.394
    assert 2.394 < (pair["high"] - pair["low"]) / 2 / error < 2.639
    again = conditional(table, "group", ["stratum"], "selection_rate")
    pd.testing.assert_frame_equal(every, again)


def test_means_are_pooled_too() -> None:
    rng = np.random.default_rng(1)
    n = 2000
    group = rng.choice(["a", "b"], n)
    stratum = np.where(rng.random(n) < np.where(group == "a", 0.8, 0.2), "x", "y")
    truth = rng.normal(size=n)
    said = truth + np.where(stratum == "x", 1.0, 0.0) + np.where(group == "a", 0.5, 0.0)
    table = CountTable.from_rows(
        truth, said, sensitive={"group": group}, control={"stratum": stratum}, task="regression"
    )
    row = conditional(table, "group", ["stratum"], "bias").iloc[0]
    assert row["gap"] == pytest.approx(1.1, abs=0.05)
    assert row["pooled"] == pytest.approx(0.5, abs=1e-9)
    assert row["composition"] + row["within"] == pytest.approx(row["gap"], abs=1e-12)
    raw = estimate("bias", table.groups(("group",)))
    assert row["gap"] == pytest.approx(raw.value[0] - raw.value[1])


def test_one_class_of_several_is_one_rate() -> None:
    truth = ["a", "b", "c", "b"] * 60
    said = ["a", "b", "b", "c"] * 60
    group = ["x"] * 80 + ["y"] * 160
    stratum = ["s", "t"] * 120
    several = CountTable.from_rows(
        truth, said, sensitive={"group": group}, control={"stratum": stratum}
    )
    one = CountTable.from_rows(
        [label == "b" for label in truth],
        [label == "b" for label in said],
        sensitive={"group": group},
        control={"stratum": stratum},
        positive=True,
    )
    classwise = conditional(several, "group", ["stratum"], "tpr[b]").drop(columns="metric")
    binary = conditional(one, "group", ["stratum"], "tpr").drop(columns="metric")
    pd.testing.assert_frame_equal(classwise, binary)


def test_missing_controls_are_a_stratum_and_signs_in_names_do_no_harm() -> None:
    group = ["a × b", "c"] * 80
    stratum = (["x × y"] * 2 + [None] * 2) * 40
    said = [1, 0, 0, 1] * 40
    table = CountTable.from_rows(
        said,
        said,
        sensitive={"group": group},
        control={"one": stratum, "two": stratum},
    )
    row = conditional(table, "group", ["one", "two"], "selection_rate").iloc[0]
    assert row["control"] == "one × two"
    assert row["strata"] == 2
    frame = strata_frame(table, "group", ["one", "two"], "selection_rate")
    assert set(frame["group"]) == {"a × b", "c"}
    assert frame["stratum"].nunique() == 2


def test_what_cannot_be_pooled_says_so(berkeley: CountTable) -> None:
    with pytest.raises(ArgumentError, match="neither a share of rows nor a mean"):
        conditional(berkeley, "group", ["stratum"], "f1")
    with pytest.raises(ArgumentError, match="controls must name at least one column"):
        conditional(berkeley, "group", [], "selection_rate")
    with pytest.raises(ArgumentError, match="controls must name at least one column"):
        conditional(berkeley, "group", ["group"], "selection_rate")
    with pytest.raises(ArgumentError, match="group has no group 'nobody'"):
        conditional(berkeley, "group", ["stratum"], "selection_rate", reference="nobody")
    with pytest.raises(ArgumentError, match="not among the metrics"):
        strata_frame(berkeley, "group", ["stratum"], "auc")


def test_small_groups_are_not_compared() -> None:
    table = table_of([("x", "a", 1, 60), ("x", "b", 0, 60), ("x", "c", 1, 29)])
    frame = conditional(table, "group", ["stratum"], "selection_rate")
    assert set(frame["group"]) | set(frame["reference"]) == {"a", "b"}
    none = conditional(table, "group", ["stratum"], "selection_rate", reference="c")
    assert none.empty
    assert "pooled" in none.columns


def _stratified(n: int, strata: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    area, sex = rng.integers(0, strata, n), rng.integers(0, 2, n)
    said = (rng.random(n) < 0.2 + 0.3 * area / strata + 0.1 * sex).astype(int)
    return area.astype(str), sex.astype(str), said


@pytest.mark.parametrize("factor", [0.1, 0.7, 3.0, 1e6])
def test_a_common_factor_of_the_weights_changes_nothing(factor: float) -> None:
    area, _, said = _stratified(800, 5, 1)
    race = np.random.default_rng(2).choice(list("abcd"), 800)
    drawn = np.random.default_rng(3).gamma(2, 1, 800)
    for weights in (None, drawn):
        found = []
        for scale in (1.0, factor):
            given = np.full(800, scale) if weights is None else weights * scale
            table = CountTable.from_rows(
                said, said, sensitive={"race": race}, control={"area": area}, weight=given
            )
            found.append(conditional(table, "race", ["area"], "selection_rate"))
        pd.testing.assert_frame_equal(*found, rtol=1e-9)


@pytest.mark.parametrize("kind", ["share", "mean"])
def test_weighted_intervals_hold_in_strata_of_a_few_rows(kind: str) -> None:
    """Four rows a group and stratum: linearisation alone covers 86 % here."""
    covered = 0
    for seed in range(120):
        area, sex, said = _stratified(800, 100, seed)
        rng = np.random.default_rng(1000 + seed)
        weights = rng.gamma(2, 1, 800)
        said = said if kind == "share" else said + rng.normal(size=800)
        table = CountTable.from_rows(
            said if kind == "share" else np.zeros(800) + rng.normal(size=800) * 1e-9,
            said,
            sensitive={"sex": sex},
            control={"area": area},
            weight=weights,
            task="binary" if kind == "share" else "regression",
        )
        metric = "selection_rate" if kind == "share" else "mean_prediction"
        row = conditional(table, "sex", ["area"], metric, reference="0").iloc[0]
        covered += row["low"] <= 0.1 <= row["high"]
    assert covered >= 108  # 90 %: five standard errors below are 85 %
