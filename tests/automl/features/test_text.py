"""TF-IDF against scikit-learn, its compression, and text statistics."""

from __future__ import annotations

import numpy as np
import pytest
from feature_tables import WORDS, dense
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from automl.features import Encoder, Encoding, text
from automl.features.grams import fit_chars, fit_tfidf, fit_words
from automl.features.text import STATISTICS, TextPlan, fit_text
from automl.table.columns import Columns, Layout

ODD = st.text(st.sampled_from("abcAB 12.,_-'éß東\t\n\u2028\U0001f600\x00"), max_size=25)


def documents(n_rows, seed=0):
    rng = np.random.default_rng(seed)
    return np.array(
        [" ".join(rng.choice(WORDS, rng.integers(0, 12))) for _ in range(n_rows)], object
    )


def column(texts):
    none = np.empty((len(texts), 0))
    layout = Layout(texts=("note",))
    return Columns(layout, none, none.astype(np.int32), none, (np.asarray(texts, object),))


def ours(analyzer, train, test, min_rows=2):
    clean = [[" ".join(t.lower().split()) for t in part] for part in (train, test)]
    piece = fit_words(clean[0], min_rows) if analyzer == "word" else fit_chars(clean[0])
    weights = fit_tfidf(piece.grams(clean[0]), min_rows, 10_000)
    return weights.matrix(piece.grams(clean[1])).toarray()


def theirs(analyzer, train, test):
    size = (1, 2) if analyzer == "word" else (2, 5)
    vectorizer = TfidfVectorizer(
        analyzer=analyzer, ngram_range=size, min_df=2, sublinear_tf=True, dtype=np.float64
    )
    try:
        vectorizer.fit(train)
    except ValueError:  # scikit-learn refuses an empty vocabulary
        return np.empty((len(test), 0))
    return vectorizer.transform(test).toarray()


def sorted_columns(matrix):
    return matrix[:, np.lexsort(np.round(matrix, 5))]


@pytest.mark.parametrize("analyzer", ["word", "char_wb"])
def test_tfidf_is_that_of_scikit_learn(analyzer):
    train, test = documents(80), documents(30, seed=1)
    both = np.concatenate([train, test])
    mine, oracle = ours(analyzer, train, both), theirs(analyzer, train, both)

    assert mine.shape == oracle.shape
    np.testing.assert_allclose(sorted_columns(mine), sorted_columns(oracle), atol=1e-6)


@pytest.mark.parametrize("analyzer", ["word", "char_wb"])
@given(train=st.lists(ODD, min_size=1, max_size=8), test=st.lists(ODD, min_size=1, max_size=4))
def test_tfidf_of_odd_texts(analyzer, train, test):
    mine, oracle = ours(analyzer, train, test), theirs(analyzer, train, test)

    assert mine.shape == oracle.shape
    np.testing.assert_allclose(mine.sum(axis=1), oracle.sum(axis=1), atol=1e-5)
    np.testing.assert_allclose((mine**3).sum(axis=1), (oracle**3).sum(axis=1), atol=1e-5)


def test_the_most_frequent_ngrams_are_kept():
    texts = ["aa bb", "aa bb", "aa cc", "aa cc", "aa"]
    words = fit_words(texts, 2)
    grams = words.grams(texts)
    kept = fit_tfidf(grams, 2, 1)

    assert words.tokens == ("aa", "bb", "cc")
    assert [words.tokens[int(key) - 1] for key in kept.keys] == ["aa"]


def test_more_symbols_than_a_key_can_hold():
    texts = ["".join(chr(0x4E00 + i) for i in range(5000)), "ab ab ab"]

    chars = fit_chars(texts)
    assert len(chars.alphabet) == 4095
    assert ord("a") in chars.alphabet
    assert chars.grams(["ab", chr(0x4E00 + 4999)]).n_rows == 2


def test_compression_keeps_most_of_the_similarity():
    train = documents(200)
    plan = TextPlan(is_sparse=False, n_components=40)
    targets = text_targets(200)
    piece, values, _ = fit_text(train, plan, targets, seed=0)
    topics = values[:, len(STATISTICS) :]
    full = piece.matrix(train).toarray()

    assert topics.shape[1] == 40
    kept = (topics**2).sum() / (full**2).sum()
    best = (np.linalg.svd(full, compute_uv=False)[:40] ** 2).sum() / (full**2).sum()
    assert 0.95 * best < kept <= best + 1e-5


def text_targets(n_rows):
    from automl.features.targets import make_targets

    return make_targets(np.arange(n_rows) % 2, None, "binary", 2, seed=0)


def test_telling_words_become_features():
    texts = documents(200)
    y = np.array(["prize" in t for t in texts]).astype(np.int64)
    encoder = Encoder(Encoding(), task="binary", n_classes=2)
    values = dense(encoder.fit_transform(column(texts), y))
    feature = values[:, encoder.names.index('note "prize"')]

    np.testing.assert_array_equal(feature > 0, y == 1)


def test_statistics():
    texts = ["Hi You 2!", "", "   ", "ÄB?!"] * 3
    encoder = Encoder(Encoding(), task="regression", n_classes=1)
    values = dense(encoder.fit_transform(column(texts), np.arange(12.0)))
    shown = {name: values[:4, encoder.names.index(f"note {name}")] for name in STATISTICS}

    np.testing.assert_array_equal(shown["length"], [9, 0, 3, 4])
    np.testing.assert_array_equal(shown["words"], [3, 0, 0, 1])
    np.testing.assert_allclose(shown["digits"], [1 / 9, 0, 0, 0])
    np.testing.assert_allclose(shown["capitals"], [2 / 9, 0, 0, 1 / 4], rtol=1e-6)
    np.testing.assert_allclose(shown["punctuation"], [1 / 9, 0, 0, 1 / 2])


@pytest.mark.parametrize("encoding", [Encoding(), Encoding("onehot", text="sparse")], ids=str)
@pytest.mark.parametrize("words", ["", "same", "東京"])
def test_texts_that_are_all_alike(encoding, words):
    encoder = Encoder(encoding, task="binary", n_classes=2)
    encoded = encoder.fit_transform(column([words] * 9), np.arange(9) % 2)

    assert np.isfinite(dense(encoded)).all()
    assert np.isfinite(dense(encoder.transform(column(["other", "same", ""])))).all()


def test_large_columns_are_learned_from_a_sample_and_read_in_parts(monkeypatch):
    texts = documents(300)
    whole = fit_text(texts, TextPlan(is_sparse=True), text_targets(300), seed=0)[0]
    monkeypatch.setattr(text, "CHUNK_CHARACTERS", 500)
    dense_parts, weights = whole.values(texts)
    np.testing.assert_array_equal(weights.toarray(), whole.matrix(texts).toarray())

    monkeypatch.setattr(text, "FIT_ROWS", 100)
    sampled, values, weights = fit_text(texts, TextPlan(is_sparse=True), text_targets(300), seed=0)
    assert len(sampled.char_weights.idf) > 100
    assert not np.isin(sampled.char_weights.idf, whole.char_weights.idf).all()
    assert values.shape == (300, len(STATISTICS)) == dense_parts.shape
    assert weights.shape == (300, sampled.n_sparse)


def test_only_the_beginning_of_very_long_texts_is_read(monkeypatch):
    monkeypatch.setattr(text, "MAX_LENGTH", 300)
    start = "alpha beta " * 40
    encoder = Encoder(Encoding("onehot", text="sparse"), task="binary", n_classes=2)
    encoder.fit_transform(
        column([start, start + "x", "gamma gamma", "gamma"]), np.array([0, 0, 1, 1])
    )
    a, b = dense(encoder.transform(column([start, start + " gamma gamma"])))
    ngrams = [i for i, name in enumerate(encoder.names) if name[-1] in "'\""]

    np.testing.assert_array_equal(a[ngrams], b[ngrams])
    assert a[ngrams].any()


def test_lone_surrogates_are_read(tmp_path):
    texts = ["bad \ud83d end", "bad \ud83d end", "fine", "fine"]
    encoder = Encoder(Encoding("onehot", text="sparse"), task="binary", n_classes=2)
    encoded = encoder.fit_transform(column(texts), np.array([0, 0, 1, 1]))
    encoder.save(tmp_path)

    again = dense(Encoder.load(tmp_path).transform(column(texts)))
    np.testing.assert_array_equal(again, dense(encoded))
