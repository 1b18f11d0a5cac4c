"""Rows that a run folder keeps: which, how many, and what a damaged folder says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl
from automl.demo import loans
from automl.errors import RunFolderError
from automl.tuning.kept_rows import KeptRows, draw, load_kept_rows, most_rows, save_kept_rows


def search(tmp_path: Path, **options: object) -> automl.Result:
    return automl.search(
        loans(400),
        target="approved",
        n_trials=1,
        families=["linear"],
        run_dir=tmp_path / "run",
        progress=False,
        **options,
    )


def test_sealed_rows_are_kept_as_given(tmp_path: Path) -> None:
    result = search(tmp_path, sensitive="sex")
    kept = load_kept_rows(result.run_dir)
    assert kept is not None
    assert kept.kind == "sealed"
    assert kept.predictions is None
    np.testing.assert_array_equal(kept.rows, result.sealed_rows)
    given = loans(400).iloc[kept.rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept.frame, given[kept.frame.columns], check_dtype=False)
    assert [result.model.classes_[number] for number in kept.y] == given["approved"].tolist()


def test_without_sealed_rows_predictions_are_out_of_fold(tmp_path: Path) -> None:
    result = search(tmp_path)
    kept = load_kept_rows(result.run_dir)
    assert kept is not None
    assert kept.kind == "out-of-fold"
    assert kept.predictions is not None
    assert len(kept.rows) == kept.n_all == 400
    fitted = result.predict_proba(kept.frame)[:, 1]
    assert not np.allclose(fitted, kept.predictions)
    assert np.corrcoef(fitted, kept.predictions)[0, 1] > 0.7


@pytest.mark.parametrize(
    ("rows", "columns", "most"),
    [(100, 5, 100), (50_000, 10, 10_000), (50_000, 800, 5_000), (50_000, 10**6, 1_000)],
)
def test_wide_tables_keep_fewer_rows(rows: int, columns: int, most: int) -> None:
    drawn = draw(rows, columns, seed=0)
    assert len(drawn) == min(rows, most_rows(columns)) == most
    assert (np.diff(drawn) > 0).all()


def kept_rows(**changes: object) -> KeptRows:
    values: dict[str, object] = {
        "kind": "out-of-fold",
        "frame": pd.DataFrame({"a": [1, "one", None], 7: [0.5, None, 2.0]}),
        "rows": np.arange(3),
        "y": np.array([0, 1, 1]),
        "weight": None,
        "predictions": np.array([0.1, 0.2, 0.3]),
        "n_all": 3,
    }
    return KeptRows(**{**values, **changes})  # type: ignore[arg-type]


def test_mixed_columns_come_back_as_text(tmp_path: Path) -> None:
    save_kept_rows(tmp_path, kept_rows())
    kept = load_kept_rows(tmp_path)
    assert kept is not None
    assert kept.frame["a"].tolist()[:2] == ["1", "one"]
    assert kept.frame["a"].isna().tolist() == [False, False, True]
    assert kept.frame["7"].tolist()[::2] == [0.5, 2.0]


def test_a_folder_without_rows_has_none(tmp_path: Path) -> None:
    assert load_kept_rows(tmp_path) is None


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("about.json", json.dumps({"format": 2, "kind": "sealed"}), "newer Candor"),
        ("about.json", json.dumps({"format": 1, "kind": "stolen"}), "newer Candor"),
        ("rows.parquet", "no parquet", "cannot be read"),
        ("values.npz", "no arrays", "cannot be read"),
    ],
)
def test_damage_is_said(tmp_path: Path, file: str, content: str, message: str) -> None:
    save_kept_rows(tmp_path, kept_rows())
    (tmp_path / "rows" / file).write_text(content)
    with pytest.raises(RunFolderError, match=message):
        load_kept_rows(tmp_path)


def test_rows_and_values_have_to_fit(tmp_path: Path) -> None:
    save_kept_rows(tmp_path, kept_rows(y=np.array([0, 1])))
    with pytest.raises(RunFolderError, match="do not fit together"):
        load_kept_rows(tmp_path)


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    save_kept_rows(tmp_path, kept_rows(y=np.array([object(), object(), object()])))
    with pytest.raises(RunFolderError, match="cannot be read"):
        load_kept_rows(tmp_path)


@pytest.mark.parametrize("file", ["rows.parquet", "values.npz", "about.json"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_cut_short_is_said(tmp_path: Path, file: str, share: float) -> None:
    save_kept_rows(tmp_path, kept_rows())
    path = tmp_path / "rows" / file
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(RunFolderError, match="cannot be read"):
        load_kept_rows(tmp_path)


@pytest.mark.parametrize("file", ["rows.parquet", "values.npz"])
def test_flipped_bytes_are_found(tmp_path: Path, file: str) -> None:
    frame = pd.DataFrame({"a": np.random.default_rng(0).random(3000)})
    rows = np.arange(3000)
    save_kept_rows(
        tmp_path, kept_rows(frame=frame, rows=rows, y=rows, predictions=rows, n_all=3000)
    )
    path = tmp_path / "rows" / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(RunFolderError, match="cannot be read"):
        load_kept_rows(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("n_all", None), ("n_all", 1), ("columns", None), ("columns", 5), ("columns", [None, None])],
)
def test_wrong_words_about_the_rows_are_refused(tmp_path: Path, name: str, value: object) -> None:
    save_kept_rows(tmp_path, kept_rows())
    about = tmp_path / "rows" / "about.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), name: value}))
    with pytest.raises(RunFolderError):
        load_kept_rows(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"predictions": np.ones(2)},
        {"predictions": np.array(["x", "y", "z"])},
        {"weight": np.ones(2)},
        {"y": np.array(5)},
        {"rows": np.ones(3)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_arrays_of_another_shape_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    save_kept_rows(tmp_path, kept_rows(**changes))
    with pytest.raises(RunFolderError, match="do not fit together"):
        load_kept_rows(tmp_path)
