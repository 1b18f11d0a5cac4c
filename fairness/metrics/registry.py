"""The registered metrics and notions of parity, with formula, range, direction and source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fairness.metrics.values import Metric, Notion
from fairness.table.values import Task

AGARWAL = "Agarwal, Dudík & Wu (2019), Fair regression"
BERK = (
    "Berk, Heidari, Jabbari, Kearns & Roth (2018), Fairness in criminal justice risk assessments"
)
BRIER = "Brier (1950), Verification of forecasts expressed in terms of probability"
BRODERSEN = "Brodersen, Ong, Stephan & Buhmann (2010), The balanced accuracy"
CHOULDECHOVA = "Chouldechova (2017), Fair prediction with disparate impact"
DWORK = "Dwork, Hardt, Pitassi, Reingold & Zemel (2012), Fairness through awareness"
GOOD = "Good (1952), Rational decisions"
HANLEY = "Hanley & McNeil (1982), The meaning and use of the area under a ROC curve"
HARDT = "Hardt, Price & Srebro (2016), Equality of opportunity in supervised learning"
KLEINBERG = "Kleinberg, Mullainathan & Raghavan (2016), Inherent trade-offs"
RIJSBERGEN = "van Rijsbergen (1979), Information retrieval, chapter 7"
SOKOLOVA = "Sokolova & Lapalme (2009), Performance measures for classification tasks"
VERMA = "Verma & Rubin (2018), Fairness definitions explained"

BINARY: Final[tuple[Task, ...]] = ("binary",)
MULTICLASS: Final[tuple[Task, ...]] = ("multiclass",)
REGRESSION: Final[tuple[Task, ...]] = ("regression",)
LABELS: Final[tuple[Task, ...]] = ("binary", "multiclass")
DECISIONS: Final[tuple[Task, ...]] = ("binary", "regression")

PER_CLASS: Final = ("selection_rate", "base_rate", "tpr", "fpr", "fnr", "ppv")
"""Rates that a multiclass outcome has for each class, as "tpr[class]"."""

PER_CLASS_FORMULAS: Final[Mapping[str, str]] = {
    "selection_rate": "rows predicted {c} / rows",
    "base_rate": "rows of {c} / rows",
    "tpr": "rows of {c} predicted {c} / rows of {c}",
    "fpr": "other rows predicted {c} / other rows",
    "fnr": "rows of {c} predicted otherwise / rows of {c}",
    "ppv": "rows of {c} predicted {c} / rows predicted {c}",
}

NEEDS_THRESHOLD: Final = ("selection_rate", "base_rate")
"""Metrics that a regression has only together with a threshold."""

SHARE = (0.0, 1.0)
AMOUNT = (0.0, math.inf)
ANY = (-math.inf, math.inf)

_RATES = (
    Metric(
        "selection_rate", "Selection rate", "(TP + FP) / n",
        SHARE, "neither", DECISIONS, "predictions", "proportion", DWORK,
    ),
    Metric(
        "base_rate", "Base rate", "(TP + FN) / n",
        SHARE, "neither", DECISIONS, "outcomes", "proportion", KLEINBERG,
    ),
    Metric(
        "tpr", "True positive rate", "TP / (TP + FN)",
        SHARE, "higher", BINARY, "predictions", "proportion", HARDT,
    ),
    Metric(
        "fpr", "False positive rate", "FP / (FP + TN)",
        SHARE, "lower", BINARY, "predictions", "proportion", HARDT,
    ),
    Metric(
        "fnr", "False negative rate", "FN / (TP + FN)",
        SHARE, "lower", BINARY, "predictions", "proportion", CHOULDECHOVA,
    ),
    Metric(
        "tnr", "True negative rate", "TN / (FP + TN)",
        SHARE, "higher", BINARY, "predictions", "proportion", VERMA,
    ),
    Metric(
        "ppv", "Positive predictive value", "TP / (TP + FP)",
        SHARE, "higher", BINARY, "predictions", "proportion", CHOULDECHOVA,
    ),
    Metric(
        "npv", "Negative predictive value", "TN / (TN + FN)",
        SHARE, "higher", BINARY, "predictions", "proportion", VERMA,
    ),
    Metric(
        "fdr", "False discovery rate", "FP / (TP + FP)",
        SHARE, "lower", BINARY, "predictions", "proportion", VERMA,
    ),
    Metric(
        "for", "False omission rate", "FN / (TN + FN)",
        SHARE, "lower", BINARY, "predictions", "proportion", VERMA,
    ),
    Metric(
        "accuracy", "Accuracy", "rows predicted right / n",
        SHARE, "higher", LABELS, "predictions", "proportion", BERK,
    ),
)  # fmt: skip

_RATIOS = (
    Metric(
        "balanced_accuracy", "Balanced accuracy", "(TPR + TNR) / 2",
        SHARE, "higher", BINARY, "predictions", "ratio", BRODERSEN,
    ),
    Metric(
        "f1", "F1", "2 TP / (2 TP + FP + FN)",
        SHARE, "higher", BINARY, "predictions", "ratio", RIJSBERGEN,
    ),
    Metric(
        "treatment_equality", "False negatives per false positive", "FN / FP",
        AMOUNT, "neither", BINARY, "predictions", "ratio", BERK,
    ),
    Metric(
        "macro_tpr", "Macro true positive rate", "mean over classes of TPR",
        SHARE, "higher", MULTICLASS, "predictions", "ratio", SOKOLOVA,
    ),
    Metric(
        "macro_ppv", "Macro positive predictive value", "mean over classes of PPV",
        SHARE, "higher", MULTICLASS, "predictions", "ratio", SOKOLOVA,
    ),
    Metric(
        "macro_f1", "Macro F1", "mean over classes of F1",
        SHARE, "higher", MULTICLASS, "predictions", "ratio", SOKOLOVA,
    ),
)  # fmt: skip

_SCORES = (
    Metric(
        "mean_score", "Mean score", "sum of scores / n",
        SHARE, "neither", BINARY, "scores", "mean", AGARWAL,
    ),
    Metric(
        "auc", "ROC AUC",
        "P(score of a positive > score of a negative) + P(equal) / 2",
        SHARE, "higher", BINARY, "scores", "score", HANLEY,
    ),
    Metric(
        "log_loss", "Log loss", "mean of -log(probability of the outcome)",
        AMOUNT, "lower", LABELS, "probabilities", "mean", GOOD,
    ),
    Metric(
        "brier", "Brier score", "mean of (probability - outcome)²",
        SHARE, "lower", LABELS, "probabilities", "mean", BRIER,
    ),
)  # fmt: skip

_NUMBERS = (
    Metric(
        "mean_prediction", "Mean prediction", "sum of predictions / n",
        ANY, "neither", REGRESSION, "predictions", "mean", AGARWAL, ratio=False,
    ),
    Metric(
        "mean_outcome", "Mean outcome", "sum of outcomes / n",
        ANY, "neither", REGRESSION, "outcomes", "mean", AGARWAL, ratio=False,
    ),
    Metric(
        "mae", "Mean absolute error", "mean of |prediction - outcome|",
        AMOUNT, "lower", REGRESSION, "predictions", "mean", AGARWAL,
    ),
    Metric(
        "rmse", "Root mean squared error", "√(mean of (prediction - outcome)²)",
        AMOUNT, "lower", REGRESSION, "predictions", "ratio", AGARWAL,
    ),
    Metric(
        "bias", "Mean error", "mean of (prediction - outcome)",
        ANY, "neither", REGRESSION, "predictions", "mean", AGARWAL, ratio=False,
    ),
)  # fmt: skip

METRICS: Final[Mapping[str, Metric]] = MappingProxyType(
    {metric.name: metric for metric in (*_RATES, *_RATIOS, *_SCORES, *_NUMBERS)}
)
"""Every metric by name, read-only.

`metrics_of` and `get_metric` fit one to a task: the Brier score of a multiclass outcome ranges to
2, a score that is no probability has no ratio, and each class has rates such as "tpr[setosa]".
"""

_NOTIONS = (
    Notion("demographic_parity", "Demographic parity", ("selection_rate",), DWORK),
    Notion("equalized_odds", "Equalized odds", ("tpr", "fpr"), HARDT),
    Notion("equal_opportunity", "Equal opportunity", ("tpr",), HARDT),
    Notion("predictive_parity", "Predictive parity", ("ppv",), CHOULDECHOVA),
    Notion("overall_accuracy_equality", "Overall accuracy equality", ("accuracy",), BERK),
    Notion("mean_parity", "Parity of mean predictions", ("mean_prediction",), AGARWAL),
    Notion("error_parity", "Parity of mean absolute errors", ("mae",), AGARWAL),
    Notion("bias_parity", "Parity of mean errors", ("bias",), AGARWAL),
)

NOTIONS: Final[Mapping[str, Notion]] = MappingProxyType(
    {notion.name: notion for notion in _NOTIONS}
)
"""Every notion of parity by name, read-only.

`notions_of` returns those that apply to given counts; for a multiclass outcome demographic parity
and equalized odds then stand on the rates of all classes.
"""
