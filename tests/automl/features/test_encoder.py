"""Properties that hold for every encoding."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from feature_tables import ENCODINGS, TASKS, coded, dense, messy, numbers, target
from scipy import sparse

from automl.errors import RunFolderError
from automl.features import SOURCE_SEPARATOR, Encoder, Encoding
from automl.table.columns import MISSING, UNSEEN, Columns, Layout

every_encoding = pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
NAN_FREE = [e for e in ENCODINGS if e.kind == "onehot"]


def fitted(encoding: Encoding, n_rows: int = 150, task: str = "binary", n_classes: int = 2):
    columns = messy(n_rows)
    encoder = Encoder(encoding, task=task, n_classes=n_classes, seed=1)
    encoded = encoder.fit_transform(columns, target(task, n_classes, n_rows))
    return encoder, encoded


@every_encoding
@pytest.mark.parametrize(("task", "n_classes"), TASKS)
def test_shapes_names_and_sources_agree(encoding, task, n_classes):
    encoder, encoded = fitted(encoding, 80, task, n_classes)
    other = encoder.transform(messy(30, seed=5))
    raw = set(messy(1).layout.numeric + messy(1).layout.categorical + ("begin", "end", "note"))

    width = encoded.values.shape[1]
    assert width == other.values.shape[1] == len(encoder.names) == len(encoder.sources)
    assert len(set(encoder.names)) == width
    assert {part for s in encoder.sources for part in s.split(SOURCE_SEPARATOR)} <= raw
    assert encoded.names == encoder.names == other.names
    assert encoded.values.dtype == other.values.dtype
    assert not np.isinf(dense(other)).any()


@every_encoding
def test_rows_are_encoded_independently_of_each_other(encoding):
    encoder, _ = fitted(encoding)
    rows = messy(40, seed=3)
    together = dense(encoder.transform(rows))
    order = np.random.default_rng(0).permutation(40)

    np.testing.assert_array_equal(dense(encoder.transform(rows.take(order))), together[order])
    for i in range(40):
        one = dense(encoder.transform(rows.take(np.array([i]))))
        np.testing.assert_array_equal(one[0], together[i])


@every_encoding
def test_training_rows_encode_alike_but_for_target_encodings(encoding):
    columns, y = messy(120), target("binary", 2, 120)
    encoder = Encoder(encoding, task="binary", n_classes=2)
    own, again = dense(encoder.fit_transform(columns, y)), dense(encoder.transform(columns))
    same = [not name.endswith(" target") for name in encoder.names]

    np.testing.assert_array_equal(own[:, same], again[:, same])


@every_encoding
def test_saved_encoder_encodes_bit_for_bit_alike(encoding, tmp_path):
    encoder, _ = fitted(encoding)
    encoder.save(tmp_path)
    loaded = Encoder.load(tmp_path)
    rows = messy(50, seed=9)
    before, after = encoder.transform(rows), loaded.transform(rows)

    assert dense(before).tobytes() == dense(after).tobytes()
    assert before.categorical == after.categorical
    assert before.n_levels == after.n_levels
    assert (loaded.names, loaded.sources) == (encoder.names, encoder.sources)
    assert (loaded.encoding, loaded.task) == (encoding, "binary")
    assert loaded.digest() == encoder.digest()
    assert {path.name for path in tmp_path.iterdir()} == {"encoder.json", "encoder.npz"}


@every_encoding
def test_same_seed_same_encoder_and_other_rows_another_one(encoding):
    first, a = fitted(encoding)
    second, b = fitted(encoding)
    third, _ = fitted(encoding, n_rows=140)

    np.testing.assert_array_equal(dense(a), dense(b))
    assert first.digest() == second.digest() != third.digest()


@every_encoding
@pytest.mark.parametrize("n_rows", [1, 2, 3, 7])
def test_tiny_tables(encoding, n_rows):
    encoder = Encoder(encoding, task="regression", n_classes=1)
    encoded = encoder.fit_transform(messy(n_rows), np.arange(n_rows, dtype=float))

    assert encoded.values.shape == (n_rows, len(encoder.names))
    assert encoder.transform(messy(20, seed=2)).values.shape == (20, len(encoder.names))


@every_encoding
def test_no_rows_to_transform(encoding):
    encoder, encoded = fitted(encoding)
    nothing = messy(5).take(np.empty(0, dtype=np.int64))

    assert encoder.transform(nothing).values.shape == (0, encoded.values.shape[1])


@every_encoding
def test_each_block_alone(encoding):
    full = messy(60)
    y = target("binary", 2, 60)
    no_numbers, no_codes = np.empty((60, 0)), np.empty((60, 0), dtype=np.int32)
    whole = full.layout
    layouts = {
        "numeric": Layout(numeric=whole.numeric),
        "codes": Layout((), whole.categorical, whole.n_levels, whole.high_cardinality),
        "times": Layout(times=whole.times),
        "texts": Layout(texts=whole.texts),
    }
    for block, layout in layouts.items():
        columns = Columns(
            layout,
            full.numeric if block == "numeric" else no_numbers,
            full.codes if block == "codes" else no_codes,
            full.times if block == "times" else no_numbers,
            full.texts if block == "texts" else (),
        )
        encoder = Encoder(encoding, task="binary", n_classes=2)
        own = dense(encoder.fit_transform(columns, y))
        assert own.shape[1] > 0, block
        assert np.nanstd(own.astype(float), axis=0).max() > 0, block


@every_encoding
def test_nothing_that_varies_gives_one_constant_column(encoding):
    encoder = Encoder(encoding, task="binary", n_classes=2)
    columns = numbers(np.column_stack([np.full(6, np.nan), np.ones(6)]))
    encoded = encoder.fit_transform(columns, np.array([0, 1, 0, 1, 0, 1]))

    assert encoder.names == ("constant",)
    assert encoder.sources == ("",)
    np.testing.assert_array_equal(dense(encoded), np.zeros((6, 1)))


@pytest.mark.parametrize("encoding", NAN_FREE, ids=str)
def test_onehot_has_no_missing_values(encoding):
    encoder, encoded = fitted(encoding)
    rows = messy(30, seed=4)
    absent = dataclasses.replace(
        rows,
        numeric=np.full_like(rows.numeric, np.nan),
        codes=np.full_like(rows.codes, MISSING),
        times=np.full_like(rows.times, np.nan),
        texts=(np.array([""] * 30, dtype=object),),
    )

    assert np.isfinite(dense(encoded)).all()
    assert np.isfinite(dense(encoder.transform(absent))).all()


@every_encoding
def test_unseen_levels_and_all_missing_rows(encoding):
    encoder, encoded = fitted(encoding)
    rows = messy(10, seed=4)
    for code in (MISSING, UNSEEN):
        odd = dataclasses.replace(rows, codes=np.full_like(rows.codes, code))
        values = dense(encoder.transform(odd))
        for position in encoded.categorical:
            assert np.isnan(values[:, position]).all()


def test_native_codes_run_from_zero_over_the_levels_in_training():
    codes = np.array([7, 7, 7, 2, 2, 5, MISSING])
    encoder = Encoder(Encoding(), task="regression", n_classes=1)
    encoded = encoder.fit_transform(coded(codes, 9, high=False), np.arange(7.0))

    assert encoded.categorical == (0,)
    assert encoded.n_levels == (3,)
    np.testing.assert_array_equal(encoded.values[:, 0], [0, 0, 0, 1, 1, 2, np.nan])
    other = encoder.transform(coded(np.array([5, 8, UNSEEN]), 9))
    np.testing.assert_array_equal(other.values[:, 0], [2, np.nan, np.nan])


def test_many_levels_are_encoded_by_target_and_count_not_natively():
    codes = np.arange(900) % 300
    encoder = Encoder(Encoding(), task="binary", n_classes=2)
    encoded = encoder.fit_transform(coded(codes, 300), codes % 2)

    assert encoder.names == ("c target", "c count")
    assert encoded.categorical == ()
    np.testing.assert_array_equal(encoded.values[:, 1], 3)
    other = encoder.transform(coded(np.array([0, 1, UNSEEN]), 300)).values
    assert other[0, 0] < 0 < other[1, 0]
    np.testing.assert_array_equal(other[2], [0, 0])


def test_onehot_columns_of_levels():
    codes = np.array([0] * 5 + [1] * 3 + [2] + [MISSING] * 2)
    encoder = Encoder(Encoding("onehot"), task="binary", n_classes=2)
    encoder.fit_transform(coded(codes, 4, high=False), codes % 2)
    values = encoder.transform(coded(np.array([0, 1, 2, 3, UNSEEN, MISSING]), 4)).values

    assert encoder.names == ("c level 0", "c level 1", "c infrequent", "c missing")
    np.testing.assert_array_equal(np.argmax(values, axis=1), [0, 1, 2, 2, 2, 3])
    np.testing.assert_array_equal(values.sum(axis=1), 1)


def test_two_levels_are_one_column():
    codes = np.array([0, 1, 1, 0, 1])
    encoder = Encoder(Encoding("onehot"), task="binary", n_classes=2)
    encoded = encoder.fit_transform(coded(codes, 2, high=False), codes)

    np.testing.assert_array_equal(encoded.values[:, 0], 1 - codes)


def test_wide_onehot_is_sparse_and_the_same_as_dense():
    rng = np.random.default_rng(0)
    codes = np.column_stack([rng.integers(0, 50, 600) for _ in range(8)]).astype(np.int32)
    names = tuple("abcdefgh")

    def columns(part):
        layout = Layout(
            (), names[: part.shape[1]], (50,) * part.shape[1], (False,) * part.shape[1]
        )
        none = np.empty((len(part), 0))
        return Columns(layout, none, part, none)

    y = rng.integers(0, 2, 600)
    wide = Encoder(Encoding("onehot"), task="binary", n_classes=2).fit_transform(columns(codes), y)
    assert sparse.issparse(wide.values)
    start = 0
    for j in range(8):
        encoder = Encoder(Encoding("onehot"), task="binary", n_classes=2)
        narrow = encoder.fit_transform(columns(codes[:, [j]]), y).values
        stop = start + narrow.shape[1]
        np.testing.assert_array_equal(wide.values[:, start:stop].toarray(), narrow)
        start = stop
    assert start == wide.values.shape[1]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [([1.5, 2.5, np.nan], "float32"), ([16_777_216.0, 16_777_217.0, 3.0], "float64")],
)
def test_native_numbers_keep_distinct_values_distinct(values, dtype):
    column = np.array(values)[:, None]
    encoder = Encoder(Encoding(), task="regression", n_classes=1)
    encoded = encoder.fit_transform(numbers(column), np.arange(3.0))

    assert encoded.values.dtype == dtype
    np.testing.assert_array_equal(encoded.values, column)


@every_encoding
def test_values_near_the_float_limit_stay_finite(encoding):
    column = np.array([1e308, -1e308, 0, 1, 2, 1e300])[:, None]
    encoder = Encoder(encoding, task="regression", n_classes=1)
    columns = numbers(np.hstack([column, column[::-1]]))

    assert not np.isinf(dense(encoder.fit_transform(columns, np.arange(6.0)))).any()
    assert not np.isinf(dense(encoder.transform(columns)).astype(np.float32)).any()


def test_an_unfitted_encoder_says_so():
    encoder = Encoder(Encoding(), task="binary", n_classes=2)
    with pytest.raises(RuntimeError, match="not fitted yet: call fit_transform first"):
        encoder.transform(messy(3))


def test_a_newer_format_is_refused(tmp_path):
    encoder, _ = fitted(Encoding())
    encoder.save(tmp_path)
    tree = json.loads((tmp_path / "encoder.json").read_text())
    (tmp_path / "encoder.json").write_text(json.dumps({**tree, "format": 99}))

    with pytest.raises(RunFolderError, match="its format is 99, this version reads up to 1"):
        Encoder.load(tmp_path)


def test_only_known_pieces_are_rebuilt(tmp_path):
    encoder, _ = fitted(Encoding())
    encoder.save(tmp_path)
    text = (tmp_path / "encoder.json").read_text().replace('"Numbers"', '"Popen"')
    (tmp_path / "encoder.json").write_text(text)

    with pytest.raises(RunFolderError, match="KeyError: 'Popen'"):
        Encoder.load(tmp_path)


@pytest.mark.parametrize("name", ["encoder.json", "encoder.npz"])
@pytest.mark.parametrize("damage", ["absent", "empty", "cut"])
def test_damaged_files_are_an_error_that_says_so(tmp_path, name, damage):
    encoder, _ = fitted(Encoding())
    encoder.save(tmp_path)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).unlink()
    if damage != "absent":
        (tmp_path / name).write_bytes(content[: len(content) // 2] if damage == "cut" else b"")

    with pytest.raises(RunFolderError, match="the files of an encoder cannot be read"):
        Encoder.load(tmp_path)


def test_pickled_arrays_are_refused(tmp_path):
    encoder, _ = fitted(Encoding())
    encoder.save(tmp_path)
    with np.load(tmp_path / "encoder.npz") as arrays:
        names = list(arrays)
    bad = {name: np.array([{"a": 1}], dtype=object) for name in names}
    np.savez(tmp_path / "encoder.npz", **bad)

    with pytest.raises(RunFolderError, match="allow_pickle=False"):
        Encoder.load(tmp_path)


@every_encoding
def test_columns_that_training_rows_do_not_know(encoding):
    codes = np.array([[MISSING, UNSEEN, 0], [MISSING, 0, 1]] * 20, dtype=np.int32)
    layout = Layout((), ("empty", "odd", "plain"), (0, 1, 2), (True, True, False))
    none = np.empty((40, 0))
    columns = Columns(layout, none, codes, none)
    encoder = Encoder(encoding, task="binary", n_classes=2)
    encoder.fit_transform(columns, np.arange(40) % 2)
    again = dense(encoder.transform(columns))

    assert not any("empty" in source for source in encoder.sources)
    assert len(np.unique(np.nan_to_num(again, nan=-9), axis=0)) == 2
