"""Types of rows and kinds of models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from explain.recourse import counterfactuals


def answer(people: pd.DataFrame) -> np.ndarray:
    return np.where(people["age"] + 10 * people["rooms"] > 90, "yes", "no")


@pytest.mark.parametrize("form", ["frame", "series", "mapping"])
def test_a_row_may_be_a_table_a_series_or_a_mapping(
    form: str, people: pd.DataFrame, lender: Any
) -> None:
    row = people.iloc[[3]]
    given: Any = {"frame": row, "series": row.iloc[0], "mapping": row.iloc[0].to_dict()}[form]
    options = counterfactuals(lender, given, data=people)
    expected = counterfactuals(lender, row, data=people)
    pd.testing.assert_frame_equal(options.rows, expected.rows)
    assert options.rows.dtypes.to_dict() == people.dtypes.to_dict()


def test_columns_that_the_model_does_not_read_are_left_out(
    people: pd.DataFrame, lender: Any
) -> None:
    extra = people.assign(target="yes", index=1)
    options = counterfactuals(lender, extra.iloc[[3]], data=extra)
    assert list(options.rows.columns) == list(people.columns)


@pytest.mark.parametrize(
    "dtype", ["int8", "int64", "float32", "float64", "Int64", "Float64", "uint8", object]
)
def test_every_storage_of_numbers_is_kept(dtype: Any, people: pd.DataFrame, scored: Any) -> None:
    X = people[["age", "rooms"]].assign(age=people["age"].astype(dtype))
    model = scored(X.columns, lambda rows: rows["age"].astype(float).to_numpy() / 100)
    row = X[people["age"] == 30].iloc[[0]]
    options = counterfactuals(model, row, data=X)
    assert options.rows["age"].dtype == X["age"].dtype
    assert options.rows["age"].tolist() == [50]


def test_a_row_in_other_number_types_comes_back_in_them(people: pd.DataFrame, scored: Any) -> None:
    X = people[["age", "income"]].astype("float64")
    model = scored(X.columns, lambda rows: rows["age"].to_numpy() / 100)
    row = pd.DataFrame({"age": [30], "income": [10]})
    options = counterfactuals(model, row, data=X)
    assert options.rows.dtypes.tolist() == [np.dtype("int64")] * 2
    assert options.rows["age"].tolist() == [50]
    half = counterfactuals(model, pd.DataFrame({"age": [30.5], "income": [1.25]}), data=people)
    assert half.rows["income"].tolist() == [1.25]


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
@pytest.mark.parametrize("unit", ["s", "ns"])
def test_times_keep_zone_and_unit(zone: Any, unit: str, people: pd.DataFrame, scored: Any) -> None:
    times = people["since"].astype(f"datetime64[{unit}]").dt.tz_localize(zone)
    X = pd.DataFrame({"since": times, "age": people["age"]})
    limit = pd.Timestamp("2021-06-01", tz=zone)
    model = scored(X.columns, lambda rows: (rows["since"] >= limit) * 0.8)
    row = X[X["since"] < pd.Timestamp("2020-06-01", tz=zone)].iloc[[0]]
    options = counterfactuals(model, row, data=X, increasing=("since",))
    assert options.rows["since"].dtype == times.dtype
    assert options.rows["since"].tolist() == [times[times >= limit].min()]
    assert options.rows["since"].iloc[0] in set(times)
    late = counterfactuals(model, row, data=X, ranges={"since": (None, "2021-05-01")})
    assert not late.found
    assert str(late.binding[0]) == "since may only become 2021-05-01 or earlier"


def test_categories_stay_categories(people: pd.DataFrame, lender: Any) -> None:
    row = people.iloc[[3]]
    options = counterfactuals(lender, row, data=people, increasing=("grade",))
    assert options.rows["grade"].dtype == people["grade"].dtype


def test_a_level_that_the_data_lack_may_be_the_rows_own(people: pd.DataFrame, scored: Any) -> None:
    model = scored(people.columns, lambda rows: (rows["job"] == "nurse") * 0.9)
    row = people.iloc[[3]].assign(job="astronaut", grade=pd.Categorical(["top"]))
    options = counterfactuals(model, row, data=people)
    assert options.rows["job"].tolist() == ["nurse"]
    assert options.rows["grade"].tolist() == ["top"]
    other = scored(
        people.columns, lambda rows: rows["age"] / 1000 + (rows["job"] == "astronaut") * 0.5
    )
    assert not counterfactuals(other, people.iloc[[3]], data=people).found


def test_a_pipeline_on_a_frame(people: pd.DataFrame) -> None:
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    X = people[["age", "rooms", "job"]].fillna({"job": "none"})
    encode = make_column_transformer((OneHotEncoder(), ["job"]), remainder="passthrough")
    model = make_pipeline(encode, LogisticRegression(max_iter=2000)).fit(X, answer(people))
    row = X[model.predict(X) == "no"].iloc[[0]]
    options = counterfactuals(model, row, data=X, increasing=("age",))
    assert (model.predict(options.rows) == "yes").all()


def test_arrays_in_and_columns_by_place() -> None:
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3)).round(3)
    model = RandomForestClassifier(20, random_state=0).fit(X, X[:, 0] - X[:, 1] > 0)
    for row in (X[0], X[[0]]):
        options = counterfactuals(model, row, data=X, immutable=("x1",))
        assert list(options.rows.columns) == ["x0", "x1", "x2"]
        assert (model.predict(options.rows.to_numpy()) == options.wanted).all()
        assert (options.rows["x1"] == X[0, 1]).all()


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
@pytest.mark.parametrize("named", [True, False])
def test_boosters(library: str, named: bool, people: pd.DataFrame) -> None:
    booster = pytest.importorskip(library)
    X: Any = people[["age", "rooms", "income"]]
    options: dict[str, Any] = {"n_jobs": 1} | ({"verbose": -1} if library == "lightgbm" else {})
    make = booster.LGBMClassifier if library == "lightgbm" else booster.XGBClassifier
    y = (answer(people) == "yes").astype(int)
    data = X if named else X.to_numpy()
    model = make(n_estimators=20, **options).fit(data, y)
    found = counterfactuals(model, data[:1], data=data, most_changes=2)
    rows = found.rows if named else found.rows.to_numpy()
    assert (model.predict(rows) == found.wanted).all()


def test_native_categories_of_lightgbm(people: pd.DataFrame) -> None:
    booster = pytest.importorskip("lightgbm")
    X = people[["age", "job", "grade"]].assign(job=people["job"].astype("category"))
    y = (people["age"] > 50) | (people["job"] == "nurse")
    model = booster.LGBMClassifier(n_estimators=20, n_jobs=1, verbose=-1).fit(X, y)
    row = X[~model.predict(X).astype(bool)].iloc[[0]]
    found = counterfactuals(model, row, data=X)
    assert model.predict(found.rows).all()
    assert found.rows.dtypes.to_dict() == X.dtypes.to_dict()


def test_a_classifier_of_labels_only(people: pd.DataFrame) -> None:
    from sklearn.ensemble import VotingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB

    X, y = people[["age", "rooms"]], answer(people)
    members = [("a", LogisticRegression(max_iter=1000)), ("b", GaussianNB())]
    model = VotingClassifier(members, voting="hard").fit(X, y)
    row = X[model.predict(X) == "no"].iloc[[0]]
    options = counterfactuals(model, row, data=X)
    assert (model.predict(options.rows) == "yes").all()
    assert np.isnan(options.predictions).all()
    assert options.lines()[0] == "The model says no. It would say yes if:"
    none = counterfactuals(model, row, data=X, ranges={"age": (18, 20), "rooms": (1, 1)})
    assert any("gives no scores" in line for line in none.lines())


@pytest.mark.parametrize("most", [None, 3])
def test_what_only_several_changes_at_once_do_is_found(most: int | None) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.integers(0, 4, (3_000, 12)), columns=list("abcdefghijkl"))

    class Locked:
        """Say 1 where three columns are 3, and nothing on the way."""

        feature_names_in_ = X.columns.to_numpy()
        classes_ = np.array([0, 1])

        def predict(self, rows: pd.DataFrame) -> np.ndarray:
            return ((rows["b"] == 3) & (rows["e"] == 3) & (rows["i"] == 3)).to_numpy().astype(int)

    row = pd.DataFrame([[0] * 12], columns=X.columns)
    options = counterfactuals(Locked(), row, data=X, most_changes=most)
    assert options.found
    assert set(options.changes["column"]) == {"b", "e", "i"}


def test_a_model_with_a_margin_only(people: pd.DataFrame) -> None:
    from sklearn.svm import LinearSVC

    X = people[["age", "rooms"]]
    model = LinearSVC().fit(X, answer(people))
    row = X[model.predict(X) == "no"].iloc[[0]]
    options = counterfactuals(model, row, data=X)
    assert (model.predict(options.rows) == "yes").all()
    assert options.scale == "margin"
    assert (options.predictions > options.prediction).all()


def test_more_classes(people: pd.DataFrame) -> None:
    from sklearn.ensemble import RandomForestClassifier

    X = people[["age", "rooms"]]
    y = pd.cut(people["age"], [0, 35, 60, 99], labels=["young", "middle", "old"]).astype(str)
    model = RandomForestClassifier(20, random_state=0).fit(X, y)
    row = X[people["age"] == 30].iloc[[0]]
    likeliest = counterfactuals(model, row, data=X)
    assert likeliest.wanted == "middle"
    old = counterfactuals(model, row, data=X, wanted="old", increasing=("age",))
    assert set(model.predict(old.rows)) == {"old"}
    young = counterfactuals(model, row.assign(age=50), data=X, wanted="young", increasing=("age",))
    assert not young.found
    assert [one.column for one in young.binding] == ["age"]


@pytest.mark.parametrize("wanted", [(None, 250.0), (700, None), (455, 465)])
def test_values_in_an_interval(wanted: Any, people: pd.DataFrame) -> None:
    def price(rows: pd.DataFrame) -> Any:
        return rows["age"].to_numpy() * 10.0 + rows["rooms"].to_numpy() * 3.0

    X = people[["age", "rooms"]]
    row = pd.DataFrame({"age": [40], "rooms": [2]})
    options = counterfactuals(price, row, data=X, wanted=wanted)
    assert options.found
    low, high = (end if end is not None else np.nan for end in wanted)
    values = price(options.rows)
    assert not (values < low).any()
    assert not (values > high).any()
    np.testing.assert_allclose(options.predictions, values)
    assert options.scale == "response"


def test_a_narrow_interval_is_hit(people: pd.DataFrame) -> None:
    def price(rows: pd.DataFrame) -> Any:
        return 10 * rows["age"].to_numpy() + 1.7 * rows["ratio"].to_numpy() ** 2

    X = people[["age", "ratio", "rooms"]]
    row = X[X["age"] == 30].iloc[[0]]
    options = counterfactuals(price, row, data=X, wanted=(470.6, 470.65))
    assert options.found
    values = price(options.rows)
    assert ((values >= 470.6) & (values <= 470.65)).all()


def test_an_interval_between_the_values_of_a_sweep_is_hit(people: pd.DataFrame) -> None:
    X = people[["ratio"]].assign(other=np.arange(len(people)) % 10)
    row = pd.DataFrame({"ratio": [0.11], "other": [1]})
    options = counterfactuals(
        lambda rows: rows["ratio"].to_numpy() * 100, row, data=X, wanted=(70.14, 70.16)
    )
    assert options.rows["ratio"].between(0.7014, 0.7016).all()
    assert options.found


def test_boolean_and_whole_labels(people: pd.DataFrame) -> None:
    from sklearn.linear_model import LogisticRegression

    X = people[["age", "rooms"]]
    for labels in (people["age"] > 50, (people["age"] > 50).astype(int)):
        model = LogisticRegression().fit(X, labels)
        row = X[people["age"] == 30].iloc[[0]]
        assert counterfactuals(model, row, data=X, wanted=1).found


def test_a_large_table_is_sampled_with_the_seed(scored: Any) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=30_000), "b": rng.normal(size=30_000)})
    model = scored(X.columns, lambda rows: 1 / (1 + np.exp(-rows["a"].to_numpy())))
    row = pd.DataFrame({"a": [-1.0], "b": [0.0]})
    one, other = (counterfactuals(model, row, data=X, seed=seed).costs[0] for seed in (0, 1))
    assert one == pytest.approx(0.341, abs=0.02)
    assert one != other


def test_polars_in(people: pd.DataFrame, scored: Any) -> None:
    polars = pytest.importorskip("polars")
    X = people[["age", "rooms"]]
    model = scored(X.columns, lambda rows: rows["age"].to_numpy() / 100)
    options = counterfactuals(model, X.iloc[[0]].assign(age=30), data=polars.from_pandas(X))
    assert options.rows["age"].tolist() == [50]


def test_columns_of_lists_and_of_nothing_stay(people: pd.DataFrame, scored: Any) -> None:
    X = people[["age"]].assign(items=[[1, 2]] * len(people), empty=np.nan, same=3)
    model = scored(X.columns, lambda rows: rows["age"].to_numpy() / 100)
    options = counterfactuals(model, X[X["age"] == 30].iloc[[0]], data=X)
    assert options.rows["age"].tolist() == [50]
    assert options.fixed == ("items", "empty", "same")


def test_of_very_many_columns_those_that_matter_are_tried(scored: Any) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, 800)).round(2))
    X.columns = [f"c{place}" for place in range(800)]
    X["c9"] = rng.choice(["a", "b"], 300)
    model = scored(
        X.columns,
        lambda rows: (
            1 / (1 + np.exp(-rows["c777"].to_numpy() * 2 - 2 * (rows["c9"] == "a").to_numpy() + 2))
        ),
    )
    row = X[model.predict(X) == "no"].iloc[[0]]
    options = counterfactuals(model, row, data=X, most_changes=2)
    assert (model.predict(options.rows) == "yes").all()
    assert set(options.changes["column"]) <= {"c9", "c777"}
    assert options.left_out == 500
    assert any(line.startswith("500 columns") for line in options.lines())
