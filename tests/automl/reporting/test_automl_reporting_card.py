"""The model card: a head that YAML reads, parts in order, aggregates only."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from automl.reporting.card import model_card
from automl.reporting.facts import Facts

PARTS = [
    "Model details",
    "Intended use",
    "Data",
    "Metrics",
    "Explanations",
    "Bias, by group",
    "Limits",
    "How to reproduce it",
]


@pytest.fixture(scope="module")
def card(quiet_facts: Facts) -> str:
    return model_card(quiet_facts)


def head(text: str) -> dict[str, Any]:
    """Read the front matter."""
    yaml = pytest.importorskip("yaml")
    _, front, _ = text.split("---\n", 2)
    found: dict[str, Any] = yaml.safe_load(front)
    return found


def test_parts_stand_in_order(card: str) -> None:
    assert re.findall(r"^## (.+)$", card, re.MULTILINE) == PARTS


def test_the_head_is_yaml_and_claims_no_license(card: str) -> None:
    found = head(card)
    assert found["library_name"] == "candor"
    assert found["pipeline_tag"] == "tabular-classification"
    assert {"automl", "tabular", "linear"} & set(found["tags"]) >= {"automl", "tabular"}
    assert found["metrics"] == ["roc_auc"]
    assert "license" not in found


def test_the_listed_score_is_that_of_the_sealed_rows(card: str, quiet_facts: Facts) -> None:
    assert quiet_facts.performance is not None
    scores = quiet_facts.performance.scores.set_index("metric")["value"]
    result = head(card)["model-index"][0]["results"][0]
    assert result["metrics"][0]["value"] == pytest.approx(scores["roc_auc"])
    assert "sealed rows" in result["metrics"][0]["name"]


def test_metrics_have_intervals_and_rows(card: str) -> None:
    metrics = card.split("## Metrics")[1].split("## ")[0]
    assert "95 % interval" in metrics
    assert re.search(r"\| ROC AUC \| 0\.\d+ \| 0\.\d+ \| 0\.\d+ \|", metrics)
    assert "180 sealed rows" in metrics


def test_every_table_has_as_many_cells_as_heads(card: str) -> None:
    tables = re.findall(r"(?:^\|.*\|\n)+", card, re.MULTILINE)
    assert len(tables) == 3
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1


def test_hostile_names_stay_text(quiet_facts: Facts) -> None:
    name = '"]: *x*\n---\n<script>alert(1)</script> | {{ 7 }}'
    text = model_card(replace(quiet_facts, target=name, source=name, metric="roc_auc"))
    assert "<script>" not in text.split("---\n", 2)[2]
    assert head(text)["model-index"][0]["results"][0]["dataset"]["name"].startswith('"]: *x*')
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS


def test_without_audit_and_explanation_it_says_so(quiet_facts: Facts) -> None:
    text = model_card(
        replace(quiet_facts, audit=None, why=None, performance=None, sensitive=(), gaps=None)
    )
    assert "None was computed." in text
    assert "No sensitive column was named" in text
