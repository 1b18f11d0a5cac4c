"""Numbers, names, files and objects that nobody expects: refused in words, or right."""

from __future__ import annotations

import copy
import json
import pickle
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import fairness
from fairness.serial import _digest as digest

RNG = np.random.default_rng(17)
N = 200
Y = RNG.integers(0, 2, N)
P = RNG.integers(0, 2, N)
SCORE = RNG.random(N)
GROUP = RNG.choice(["a", "b"], N)


@pytest.fixture(autouse=True)
def _no_warning_leaks() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def full() -> fairness.Audit:
    return fairness.audit(
        Y,
        P,
        y_score=SCORE,
        sensitive={"g": GROUP, "age": SCORE * 60},
        features=pd.DataFrame({"x": SCORE, "z": P}),
        reference={"g": "a"},
        tolerance={"tpr": 0.2},
        template="eeoc_four_fifths",
    )


# -- numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1e300, 1e-300, 1e200])
def test_weights_whose_squares_are_no_numbers_are_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="too large or too small to add up its squares"):
        fairness.audit(Y, P, sensitive=GROUP, weight=(SCORE + 0.1) * scale)


@pytest.mark.parametrize("scale", [1e-50, 1e50])
def test_the_scale_of_weights_changes_nothing(scale: float) -> None:
    plain = fairness.audit(Y, P, y_score=SCORE, sensitive=GROUP, weight=SCORE + 0.1)
    scaled = fairness.audit(Y, P, y_score=SCORE, sensitive=GROUP, weight=(SCORE + 0.1) * scale)
    for name in ("value", "low", "high"):
        np.testing.assert_allclose(scaled.by_group[name], plain.by_group[name], rtol=1e-6)
    assert scaled.disparities["verdict"].tolist() == plain.disparities["verdict"].tolist()


def test_scores_whose_squares_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="too large to add up"):
        fairness.audit(Y, y_score=SCORE * 1e308, sensitive=GROUP)


def cells(**columns: Any) -> pd.DataFrame:
    frame = {"site": list("nnss"), "y_true": [0, 1] * 2, "y_pred": [1, 0] * 2, "count": [50] * 4}
    return pd.DataFrame({**frame, **columns})


def test_counts_beyond_whole_numbers_are_refused() -> None:
    many = pd.concat([cells(count=[2**53] * 4)] * 300)
    with pytest.raises(fairness.CountTableError, match="more rows than can be counted"):
        fairness.CountTable.from_cells(many)


def test_merged_counts_beyond_whole_numbers_are_refused() -> None:
    table = fairness.CountTable.from_cells(cells(count=[2**50] * 4))
    assert (table + table).n == 2**53
    with pytest.raises(fairness.CountTableError, match="more rows than can be counted"):
        table + table + table


def test_sums_of_weights_beyond_all_scales_are_refused() -> None:
    with pytest.raises(fairness.CountTableError, match="too large or too small"):
        fairness.CountTable.from_cells(cells(weight=1e200, weight_squared=1e300))


def test_rows_of_weight_0_are_named() -> None:
    found = fairness.audit(Y, P, sensitive=GROUP, weight=(SCORE > 0.5).astype(float))
    n = int((SCORE > 0.5).sum())
    assert found.table.n == n
    assert found.rows_used == f"{n} of {N} rows as given: the others have weight 0"
    assert fairness.audit([1], [1], sensitive=["a"]).rows_used == "1 row as given"


def test_rows_of_weight_0_say_nothing_about_features() -> None:
    heavy = SCORE > 0.4
    frame = pd.DataFrame({"x": SCORE, "z": np.where(heavy, 1.0, np.nan)}, index=[5] * N)
    found = fairness.audit(Y, P, sensitive=GROUP, features=frame, weight=heavy.astype(int))
    alone = fairness.audit(
        Y[heavy], P[heavy], sensitive=GROUP[heavy], features=frame[heavy], weight=heavy[heavy]
    )
    assert found.row_findings.missingness.empty
    assert found.row_findings.consistency == alone.row_findings.consistency
    assert found.row_findings.proxies is not None
    assert alone.row_findings.proxies is not None
    pd.testing.assert_frame_equal(
        found.row_findings.proxies.columns, alone.row_findings.proxies.columns
    )


# -- options ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": 10}, "differ by at most 1"),
        ({"tolerance": 1}, "differ by at most 1"),
        ({"tolerance": {"equalized_odds": 5}}, "equalized_odds differ by at most 1"),
        ({"tolerance": 10**400}, "a tolerance is a difference"),
        ({"tolerance": {"log_loss": 0.1}}, "log_loss cannot be told"),
        ({"tolerance": {"mean_parity": 0.1}}, "mean_parity cannot be told"),
        ({"confidence": 1 - 1e-16}, "between 0.5 and 1"),
    ],
)
def test_options_that_mean_nothing_here(options: dict[str, Any], message: str) -> None:
    with pytest.raises(fairness.ArgumentError, match=message):
        fairness.audit(Y, P, sensitive=GROUP, **options)


@pytest.mark.parametrize("metric", ["log_loss", "brier"])
def test_an_ordered_score_has_no_losses(metric: str) -> None:
    ordered: dict[str, Any] = {"y_score": SCORE * 10, "sensitive": GROUP}
    found = fairness.audit(Y, **ordered)
    assert metric not in set(found.by_group["metric"])
    assert found.calibration_tests.empty
    with pytest.raises(fairness.ArgumentError, match=f"{metric} cannot be told"):
        fairness.audit(Y, **ordered, tolerance={metric: 0.1})


def test_a_class_that_is_not_there_has_no_tolerance() -> None:
    labels = list("abcd") * 50
    with pytest.raises(fairness.ArgumentError, match="no class 'z'"):
        fairness.audit(labels, labels, sensitive=GROUP, tolerance={"tpr[z]": 0.1})
    found = fairness.audit(labels, labels, sensitive=GROUP, tolerance={"tpr[a]": 0.2, "fpr": 0.3})
    tolerance = found.disparities.query("kind == 'difference'").set_index("metric")["tolerance"]
    assert tolerance[["tpr[a]", "tpr[b]", "fpr[c]"]].tolist() == [0.2, 0.1, 0.3]


def test_a_huge_threshold_is_no_number() -> None:
    with pytest.raises(fairness.ArgumentTypeError, match="threshold must be a number"):
        fairness.audit(Y, y_score=SCORE, sensitive=GROUP, threshold=10**400)


def test_seeds_of_numpy_are_seeds() -> None:
    found = fairness.audit(Y, P, sensitive=GROUP, seed=np.int64(3))  # type: ignore[arg-type]
    assert found.to_json() == fairness.audit(Y, P, sensitive=GROUP, seed=3).to_json()


@pytest.mark.parametrize(
    ("features", "error", "message"),
    [
        ({"a": SCORE, "b": [1]}, ValueError, "columns of features differ in length"),
        ({"a": 1}, TypeError, "features column 'a' is no column"),
        ({"a": SCORE[:-1]}, ValueError, "differ in length"),
    ],
)
def test_features_that_are_no_columns(features: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        fairness.audit(Y, P, sensitive=GROUP, features=features)
    assert isinstance(caught.value, fairness.FairnessError)


# -- names ------------------------------------------------------------------------------------


NAMES = ["</script><b>", "<img src=x onerror=y>", "\ud800", "a × b; c\n"]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_any_name_is_kept_and_escaped(name: str, tmp_path: Path) -> None:
    groups = pd.Series(np.where(GROUP == "a", name, "b"), dtype=object)
    found = fairness.audit(Y, P, sensitive={name: groups, "k": P})
    assert fairness.Audit.from_json(found.to_json()).by_group.equals(found.by_group)
    assert found.by_group[["attribute", "group", "metric"]].duplicated().sum() == 0
    page = found.report(tmp_path / "audit.html").read_text(encoding="utf-8")
    for text in (page, found._repr_html_()):
        assert "</script><b>" not in text
        assert "<img src=x" not in text


def test_a_name_that_stands_for_crossed_attributes_is_refused() -> None:
    with pytest.raises(fairness.ArgumentError, match="stands for 'a', 'b' crossed"):
        fairness.audit(Y, P, sensitive={"a": GROUP, "b": P, "a × b": GROUP})
    named = cells(b=list("xyxy"), **{"site × b": list("xyxy")})
    with pytest.raises(fairness.ArgumentError, match="stands for 'site', 'b' crossed"):
        fairness.CountTable.from_cells(named)


def test_all_rows_are_no_attribute_of_cells() -> None:
    with pytest.raises(fairness.ArgumentError, match=r"cannot be named '\(all\)'"):
        fairness.CountTable.from_cells(cells().rename(columns={"site": "(all)"}))


def test_a_column_nearly_named_count_is_pointed_at() -> None:
    with pytest.raises(KeyError, match="rename 'Count' to 'count'"):
        fairness.CountTable.from_cells(cells().rename(columns={"count": "Count"}))


# -- values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_an_audit_can_be_copied_and_pickled(
    full: fairness.Audit, again: Callable[[Any], Any]
) -> None:
    assert again(full).to_json() == full.to_json()
    assert again(full.settings) == full.settings
    assert again(full.table) == full.table


@pytest.mark.parametrize(
    "change",
    [
        lambda audit: audit.table.counts.__setitem__(0, 7),
        lambda audit: audit.table.keys.__setitem__((0, 0), 1),
        lambda audit: audit.table.moments.__setitem__("score", None),
        lambda audit: audit.settings.tolerances.__setitem__("tpr", 0.9),
        lambda audit: audit.row_findings.curves.__setitem__("age", None),
    ],
)
def test_counts_and_settings_cannot_be_changed(
    full: fairness.Audit, change: Callable[[fairness.Audit], Any]
) -> None:
    before = full.to_json()
    with pytest.raises((ValueError, AttributeError)):
        change(full)
    assert full.to_json() == before


# -- files ------------------------------------------------------------------------------------


def test_a_damaged_parquet_file_is_said(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    pd.DataFrame({"y": Y, "g": GROUP}).to_parquet(file)
    content = bytearray(file.read_bytes())
    content[4:60] = b"\xff" * 56
    file.write_bytes(content)
    with pytest.raises(fairness.ArgumentError, match=r"rows\.parquet cannot be read"):
        fairness.CountTable.from_parquet(file, target="y", sensitive="g")


@pytest.mark.parametrize("batches", [5, pd.DataFrame({"y": Y, "g": GROUP})], ids=["5", "frame"])
def test_batches_are_several(batches: Any) -> None:
    with pytest.raises(fairness.ArgumentTypeError, match="one after the other"):
        fairness.CountTable.from_batches(batches, target="y", sensitive="g")


def test_a_path_is_a_path() -> None:
    with pytest.raises(fairness.ArgumentTypeError, match="path must name a file"):
        fairness.CountTable.from_parquet(5, target="y", sensitive="g")  # type: ignore[arg-type]


# -- the audit's JSON -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON"),
        ("null", "no object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "9" * 10_000 + "}", "no JSON"),
        ('{"schema": "candor.audit/1", "schema": "candor.audit/1"}', "twice"),
        ('{"schema": "candor.audit/1", "x": NaN}', "NaN is no number"),
        (b"\xff\xfe\x00", "no JSON"),
        ('{"schema": "candor.audit/x"}', "this is no audit"),
    ],
    ids=range(8),
)
def test_what_is_no_audit(text: str | bytes, message: str) -> None:
    with pytest.raises(fairness.CountTableError, match=message):
        fairness.Audit.from_json(text)


def test_an_audit_is_read_from_text() -> None:
    with pytest.raises(fairness.ArgumentTypeError, match="read from JSON text"):
        fairness.Audit.from_json(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path",
    [
        ("target",),
        ("rows_used",),
        ("settings", "seed"),
        ("row_findings", "proxies", "attributes", "auc", "values", 0),
        ("row_findings", "consistency", "value"),
    ],
)
def test_what_counts_do_not_give_away_is_digested(
    full: fairness.Audit, path: tuple[Any, ...]
) -> None:
    content = json.loads(full.to_json())
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "other" if isinstance(place[path[-1]], str) else 0.125
    with pytest.raises(fairness.CountTableError, match=r"changed after it was written|cannot be"):
        fairness.Audit.from_json(json.dumps(content))


WRONG: tuple[Any, ...] = (None, "x", [], {}, -1, [None], {"a": None}, 1e300, True)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths into an audit, one item of each list; the table has tests of its own."""
    if path:
        yield path
    if isinstance(value, dict) and path[:1] != ("table",):
        for name, one in value.items():
            yield from places(one, (*path, name))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def test_wrong_types_anywhere_are_refused_even_with_a_digest() -> None:
    text = fairness.audit(Y[:20], sensitive={"g": GROUP[:20]}).to_json()
    content = json.loads(text)
    paths = [path for path in places(content) if path[0] not in ("candor", "digest")]
    assert len(paths) > 80
    for i, path in enumerate(paths):
        changed = json.loads(text)
        place = changed
        for step in path[:-1]:
            place = place[step]
        wrong = WRONG[i % len(WRONG)]
        if type(wrong) is type(place[path[-1]]) and wrong == place[path[-1]]:
            continue
        place[path[-1]] = wrong
        if path[0] in ("results", "settings"):
            changed["digest"] = digest(changed)
        with pytest.raises(fairness.CountTableError):
            fairness.Audit.from_json(json.dumps(changed))


def test_the_last_digits_of_results_may_differ(full: fairness.Audit) -> None:
    content = json.loads(full.to_json())
    values = content["results"]["by_group"]["value"]["values"]
    place = next(i for i, one in enumerate(values) if one)
    values[place] *= 1 + 1e-12
    assert fairness.Audit.from_json(json.dumps(content)).by_group.equals(full.by_group)
    values[place] *= 1 + 1e-6
    with pytest.raises(fairness.CountTableError, match=r"\(by_group\) do not follow"):
        fairness.Audit.from_json(json.dumps(content))
