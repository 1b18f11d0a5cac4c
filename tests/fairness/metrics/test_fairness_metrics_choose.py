"""Metrics by name and task, and what applies to given counts."""

from __future__ import annotations

import pytest
from grouped_rows import labels, numbers

from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.metrics import METRICS, estimate, get_metric, metrics_of, notions_of
from fairness.table.values import GroupCounts

Y, SAID, GROUP = [0, 1, 0, 1], [0, 1, 1, 0], list("aabb")
CLASSES = ("ash", "[fir]", "oak")


def names(counts: GroupCounts) -> list[str]:
    return [metric.name for metric in metrics_of(counts)]


def notions(counts: GroupCounts) -> dict[str, tuple[str, ...]]:
    return {notion.name: notion.metrics for notion in notions_of(counts)}


RATES = [
    *("selection_rate", "base_rate", "tpr", "fpr", "fnr", "tnr", "ppv", "npv", "fdr", "for"),
    *("accuracy", "balanced_accuracy", "f1", "treatment_equality"),
]
DECIDED = ["selection_rate", "base_rate"]
MEANS = ["mean_prediction", "mean_outcome", "mae", "rmse", "bias"]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (labels(Y, SAID, GROUP), RATES),
        (labels(Y, None, GROUP), ["base_rate"]),
        (
            labels(Y, SAID, GROUP, score=[0.1, 0.9, 0.8, 0.2]),
            [*RATES, "mean_score", "auc", "log_loss", "brier"],
        ),
        (
            labels(Y, None, GROUP, score=[1, 9, 8, 2], probability=False),
            ["base_rate", "mean_score", "auc"],
        ),
        (numbers(Y, SAID, GROUP), MEANS),
        (numbers(Y, None, GROUP), ["mean_outcome"]),
        (numbers(Y, None, GROUP, threshold=0.5), ["base_rate", "mean_outcome"]),
        (
            numbers(Y, SAID, GROUP, threshold=0.5),
            [*DECIDED, *MEANS],
        ),
    ],
)
def test_metrics_that_apply(counts: GroupCounts, expected: list[str]) -> None:
    assert names(counts) == expected


def test_metrics_of_classes() -> None:
    found = names(labels(Y, SAID, GROUP, classes=CLASSES))
    assert found[:4] == ["accuracy", "macro_tpr", "macro_ppv", "macro_f1"]
    assert found[4:7] == [f"selection_rate[{label}]" for label in CLASSES]
    assert len(found) == 4 + 6 * 3
    assert names(labels(Y, None, GROUP, classes=CLASSES)) == [
        f"base_rate[{label}]" for label in CLASSES
    ]


def test_notions_that_apply() -> None:
    binary = notions(labels(Y, SAID, GROUP))
    assert binary == {
        "demographic_parity": ("selection_rate",),
        "equalized_odds": ("tpr", "fpr"),
        "equal_opportunity": ("tpr",),
        "predictive_parity": ("ppv",),
        "overall_accuracy_equality": ("accuracy",),
    }
    several = notions(labels(Y, SAID, GROUP, classes=("x", "y", "z")))
    assert several["equalized_odds"] == (
        *("tpr[x]", "tpr[y]", "tpr[z]"),
        *("fpr[x]", "fpr[y]", "fpr[z]"),
    )
    assert several["demographic_parity"] == tuple(f"selection_rate[{c}]" for c in "xyz")
    assert notions(labels(Y, None, GROUP)) == {}
    regression = {
        "mean_parity": ("mean_prediction",),
        "error_parity": ("mae",),
        "bias_parity": ("bias",),
    }
    assert notions(numbers(Y, SAID, GROUP)) == regression
    assert notions(numbers(Y, SAID, GROUP, threshold=0.5)) == {
        "demographic_parity": ("selection_rate",),
        **regression,
    }


@pytest.mark.parametrize(
    ("name", "task", "text", "hint"),
    [
        ("trp", "binary", 'there is no metric "trp"', '"tpr"'),
        ("zzzz", "regression", 'there is no metric "zzzz"', '"mae"'),
        ("tpr[oak]", "binary", 'there is no metric "tpr[oak]"', '"tpr"'),
        ("npv[oak]", "multiclass", 'there is no metric "npv[oak]"', None),
        ("tpr", "regression", "tpr is for classification; the task is regression", '"mae"'),
        (
            *("selection_rate", "regression"),
            "selection_rate is for classification; the task is regression",
            '"mae", or a threshold',
        ),
        ("accuracy", "regression", "accuracy is for classification", '"mae"'),
        ("mae", "binary", "mae is for regression; the task is binary", '"accuracy"'),
        (
            "tpr",
            "multiclass",
            "tpr is for binary outcomes; the task is multiclass",
            '"tpr[<class>]"',
        ),
        ("macro_f1", "binary", "macro_f1 is for multiclass outcomes; the task is binary", '"f1"'),
        ("macro_tpr", "regression", "macro_tpr is for classification", '"mae"'),
    ],
)
def test_names_that_do_not_fit_are_refused(
    name: str, task: str, text: str, hint: str | None
) -> None:
    with pytest.raises(ArgumentError) as caught:
        get_metric(name, task)  # type: ignore[arg-type]
    assert caught.value.what.startswith(text)
    assert hint is None or caught.value.hint == hint


def test_name_that_is_no_string_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="a metric is asked for by its name"):
        get_metric(3, "binary")  # type: ignore[arg-type]


def test_metric_fits_its_task() -> None:
    assert get_metric("brier", "binary") is METRICS["brier"]
    assert get_metric("brier", "multiclass").range == (0.0, 2.0)
    assert get_metric("tpr[[fir]]", "multiclass").label == "True positive rate of [fir]"
    above = get_metric("selection_rate", "regression", threshold=True)
    assert above.formula == "predictions at or above the threshold / n"


def test_score_that_is_no_probability_has_no_ratio() -> None:
    ordered = labels(Y, None, GROUP, score=[-1, 9, 8, 2], probability=False)
    metric = estimate("mean_score", ordered).metric
    assert not metric.ratio
    assert metric.range[0] == -float("inf")
    assert METRICS["mean_score"].ratio


@pytest.mark.parametrize(
    ("name", "counts", "got"),
    [
        ("fpr", labels(Y, None, GROUP), "they hold no predictions"),
        ("auc", labels(Y, SAID, GROUP), "they hold no scores"),
        ("mean_score", labels(Y, SAID, GROUP), "they hold no scores"),
        (
            "brier",
            labels(Y, None, GROUP, score=[1, 9, 8, 2], probability=False),
            "they hold no probabilities",
        ),
        ("mae", numbers(Y, None, GROUP), "they hold no predictions"),
        ("selection_rate", numbers(Y, None, GROUP, threshold=0.5), "they hold no predictions"),
        (
            "tpr[elm]",
            labels(Y, SAID, GROUP, classes=CLASSES),
            "there is no class 'elm'; there are ash, [fir], oak",
        ),
    ],
)
def test_counts_that_do_not_tell_a_metric(name: str, counts: GroupCounts, got: str) -> None:
    with pytest.raises(ArgumentError, match="cannot be told from these counts") as caught:
        estimate(name, counts)
    assert caught.value.got == got


def test_metric_is_taken_by_value_or_name() -> None:
    counts = labels(Y, SAID, GROUP)
    assert estimate(METRICS["tpr"], counts).value.tolist() == [1.0, 0.0]
    assert estimate("tpr", counts).value.tolist() == [1.0, 0.0]
    with pytest.raises(ArgumentError, match="mae is for regression"):
        estimate(METRICS["mae"], counts)


def test_class_whose_name_has_brackets() -> None:
    counts = labels([0, 1, 1, 2], [0, 1, 2, 2], list("aaaa"), classes=CLASSES)
    assert estimate("tpr[[fir]]", counts).value.tolist() == [0.5]
