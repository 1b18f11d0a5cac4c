"""Which raw columns each feature of a fitted transformer comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import RFE, SelectFromModel, SelectKBest, VarianceThreshold
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)

from explain.opening.provenance import sources_of

RNG = np.random.default_rng(0)
N = pd.DataFrame(RNG.normal(size=(60, 3)), columns=["a", "b", "c"])
Y = N["a"] + 0.1 * N["b"]
GAPS = N.mask(RNG.random(N.shape) < 0.2).assign(c=N["c"])
TEXTS = pd.DataFrame(
    {"city": RNG.choice(["Ulm", "Bonn"], 60), "job": RNG.choice(["x", "y", "z"], 60)}
)
OWN = (("a",), ("b",), ("c",))
ALL = ("a", "b", "c")


def sources(transformer: Any, X: pd.DataFrame, y: Any = None) -> Any:
    names = tuple((name,) for name in X.columns)
    return sources_of(transformer.fit(X, y), X, names)


@pytest.mark.parametrize(
    "transformer",
    [
        StandardScaler(), MinMaxScaler(), RobustScaler(), PowerTransformer(), Binarizer(),
        QuantileTransformer(n_quantiles=10),
        KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf"),
        SimpleImputer(), FunctionTransformer(), FunctionTransformer(np.tanh),
        FunctionTransformer(np.tanh, feature_names_out="one-to-one"),
        make_pipeline(StandardScaler(), "passthrough", MinMaxScaler()),
        ColumnTransformer([("all", "passthrough", ["a", "b", "c"])]),
        ColumnTransformer([("none", "drop", [])], remainder="passthrough"),
    ],
    ids=lambda one: type(one).__name__,
)  # fmt: skip
def test_transformers_that_keep_columns_apart(transformer: Any) -> None:
    assert sources(transformer, N) == OWN


@pytest.mark.parametrize(
    "transformer",
    [
        PCA(2), Normalizer(), KNNImputer(), Nystroem(n_components=4), FunctionTransformer(abs),
        FunctionTransformer(lambda X: X - X.mean(axis=1).to_numpy()[:, None]),
    ],
    ids=lambda one: type(one).__name__,
)  # fmt: skip
def test_transformers_that_may_mix_columns_are_taken_to_do_so(transformer: Any) -> None:
    found = sources(transformer, N)
    assert set(found) == {ALL}
    assert len(found) == transformer.transform(N).shape[1]


def test_names_that_look_like_numbers_do_not_confuse() -> None:
    odd = N.set_axis(["x1", "x10", "⟨0⟩"], axis=1)
    assert sources(PolynomialFeatures(2, include_bias=False), odd)[3:5] == (("x1",), ("x1", "x10"))
    assert sources(StandardScaler(), odd) == (("x1",), ("x10",), ("⟨0⟩",))


def test_products_belong_to_both_and_the_constant_to_nobody() -> None:
    found = sources(PolynomialFeatures(2), N)
    assert found[:5] == ((), ("a",), ("b",), ("c",), ("a",))
    assert found[5] == ("a", "b")
    assert len(found) == 10


def test_splines_and_bins_belong_to_their_column() -> None:
    assert sources(SplineTransformer(n_knots=3), N) == tuple((n,) for n in "abc" for _ in range(5))
    bins = KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf")
    assert sources(bins, N) == tuple((n,) for n in "abc" for _ in range(3))


def test_encoders_of_texts() -> None:
    assert sources(OneHotEncoder(), TEXTS) == (("city",),) * 2 + (("job",),) * 3
    assert sources(OneHotEncoder(drop="first"), TEXTS) == (("city",),) + (("job",),) * 2
    assert sources(OrdinalEncoder(), TEXTS) == (("city",), ("job",))
    # An infrequent level of one column has the name of none.
    found = sources(OneHotEncoder(max_categories=2), TEXTS)
    assert found == (("city",),) * 2 + (("job",),) * 2


def test_imputers_and_their_indicators() -> None:
    found = sources(SimpleImputer(add_indicator=True), GAPS)
    assert found == (("a",), ("b",), ("c",), ("a",), ("b",))
    assert sources(MissingIndicator(), GAPS) == (("a",), ("b",))
    # A column without any value is left out.
    empty = GAPS.assign(b=np.nan)
    with pytest.warns(UserWarning, match="without any observed"):
        assert sources(SimpleImputer(), empty) == (("a",), ("c",))


@pytest.mark.parametrize(
    "selector",
    [
        SelectKBest(lambda X, y: np.array([3.0, 0.0, 2.0]), k=2),
        RFE(LinearRegression(), n_features_to_select=2),
        SelectFromModel(RandomForestRegressor(3, random_state=0), max_features=2, threshold=-1),
        VarianceThreshold(),
    ],
    ids=lambda one: type(one).__name__,
)
def test_selectors_say_what_they_keep(selector: Any) -> None:
    found = sources(selector, N, Y)
    kept = [OWN[place] for place in np.flatnonzero(selector.get_support())]
    assert list(found) == kept


def test_words_belong_to_their_column() -> None:
    texts = TEXTS.assign(note=TEXTS["city"] + " " + TEXTS["job"] + "x")
    encoder = ColumnTransformer(
        [("words", TfidfVectorizer(), "note"), ("counts", CountVectorizer(), "city")],
        remainder=OrdinalEncoder(),
    )
    found = sources(encoder, texts)
    n_words = len(encoder.named_transformers_["words"].vocabulary_)
    assert found[:n_words] == (("note",),) * n_words
    assert found[n_words : n_words + 2] == (("city",),) * 2
    assert found[-1] == ("job",)


def test_columns_are_chosen_in_every_way() -> None:
    mixed = pd.concat([N, TEXTS], axis=1)
    encoder = ColumnTransformer(
        [
            ("numbers", StandardScaler(), make_column_selector(dtype_include="number")),
            ("slice", "passthrough", slice("a", "b")),
            ("places", MinMaxScaler(), slice(1, 3)),
            ("mask", "passthrough", [True, False, False, False, False]),
            ("last", OneHotEncoder(), [-1]),
            ("array", "passthrough", np.array(["c"])),
        ],
        sparse_threshold=0,
    )
    found = sources(encoder, mixed)
    assert found == (
        ("a",), ("b",), ("c",), ("a",), ("b",), ("b",), ("c",), ("a",), ("job",), ("job",),
        ("job",), ("c",),
    )  # fmt: skip


def test_columns_of_an_array_are_chosen_by_place() -> None:
    encoder = ColumnTransformer([("s", StandardScaler(), [2, 0])], remainder="passthrough")
    encoder.fit(N.to_numpy())
    assert sources_of(encoder, N.to_numpy(), OWN) == (("c",), ("a",), ("b",))


def test_a_union_lays_its_parts_side_by_side() -> None:
    union = FeatureUnion([("own", StandardScaler()), ("left", "drop"), ("both", PCA(1))])
    assert sources(union, N) == (*OWN, ALL)


def test_steps_after_a_mixture_depend_on_all_of_it() -> None:
    steps = make_pipeline(
        ColumnTransformer([("ab", PCA(1), ["a", "b"]), ("c", "passthrough", ["c"])]),
        SplineTransformer(n_knots=2, degree=1),
    )
    assert sources(steps, N) == (("a", "b"), ("a", "b"), ("c",), ("c",))


class Doubling(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A transformer of one's own, that even names its outputs."""

    def fit(self, X: Any, y: Any = None) -> Doubling:
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> Any:
        return 2 * np.asarray(X)[:, ::-1]

    def get_feature_names_out(self, names: Any = None) -> Any:
        return names


def test_a_transformer_of_ones_own_is_not_believed() -> None:
    assert set(sources(Doubling(), N)) == {ALL}


class StandardScalerOfMine(StandardScaler):  # type: ignore[misc]
    """A subclass may do anything."""


def test_a_subclass_is_not_taken_for_its_parent() -> None:
    assert set(sources(StandardScalerOfMine(), N)) == {ALL}
