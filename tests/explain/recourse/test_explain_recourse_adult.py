"""Options for people whom a model of a public table rejects."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from explain.recourse import counterfactuals

FIXED = ("sex", "race", "native-country")


def test_nearly_everyone_rejected_has_an_option(real_data: Path) -> None:
    booster = pytest.importorskip("lightgbm")
    frame = pd.read_parquet(real_data / "adult.parquet").head(8_000)
    texts = frame.select_dtypes(["object", "string"]).columns
    frame = frame.astype(dict.fromkeys(texts, "category"))
    X, y = frame.drop(columns="income"), frame["income"].astype(str)
    model = booster.LGBMClassifier(n_estimators=60, n_jobs=1, verbose=-1).fit(X, y)
    rejected = X[model.predict(X) == "<=50K"].sample(12, random_state=0)
    found = 0
    for place in range(len(rejected)):
        row = rejected.iloc[[place]]
        options = counterfactuals(model, row, data=X, immutable=FIXED, increasing=("age",))
        found += options.found
        assert (model.predict(options.rows) == ">50K").all() if options.found else True
        for name in FIXED:
            assert (options.rows[name] == row[name].iloc[0]).all()
        assert (options.rows["age"] >= row["age"].iloc[0]).all()
        assert options.tried < 20_000
    assert found >= 0.95 * len(rejected)
