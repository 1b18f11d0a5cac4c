"""JSON lines in: one object a line."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from automl.errors import DataError
from candor.frames import arrow_to_pandas

if TYPE_CHECKING:
    import pandas as pd


def parse(data: bytes, name: str) -> pd.DataFrame:
    """Read JSON lines; fast where every column has one type, line by line otherwise.

    Raises
    ------
    DataError
        If a line is no JSON object; names the line.
    """
    import pyarrow as pa
    from pyarrow import json as arrow_json

    if not data.strip():
        raise DataError(f"{name} is empty", got="no line with a JSON object")
    try:
        table = arrow_json.read_json(io.BytesIO(data))
    except pa.ArrowException:
        return _slowly(data, name)
    # Arrow turns strings that look like dates into dates, and duplicated keys into columns
    return arrow_to_pandas(table)


def _slowly(data: bytes, name: str) -> pd.DataFrame:
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{name} is no JSON lines: line {number} cannot be read", got=str(error)
            ) from error
        if not isinstance(row, dict):
            raise DataError(
                f"{name} is no JSON lines: line {number} is no object",
                got=f"got {type(row).__name__}",
                hint='one object a line, such as {"age": 39, "sex": "F"}',
            )
        rows.append(row)
    names = list(dict.fromkeys(key for row in rows for key in row))
    return pd.DataFrame({key: _column([row.get(key) for row in rows]) for key in names})


def _column(values: list[Any]) -> Any:
    import pandas as pd

    return pd.Series(values, dtype=object).infer_objects()
