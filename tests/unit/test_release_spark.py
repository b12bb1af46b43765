"""A release in Apache Spark: the same tables, columns, types and rows as pyarrow reads.

Spark weighs 300 MB and needs Java, so it is no dependency: name a Python that has it,
`SHENGLU_SPARK_PYTHON=spark/bin/python make trials`.
"""

import json
import os
import shutil
import subprocess
from datetime import datetime

import pyarrow.dataset as ds
import pytest
from test_release_readers import root  # noqa: F401 - a fixture

from archive.release import release
from archive.release_schema import RELEASED

SPARK = os.environ.get("SHENGLU_SPARK_PYTHON")
TYPES = {
    "string": "string",
    "int32": "int",
    "int64": "bigint",
    "bool": "boolean",
    "timestamp[us, tz=UTC]": "timestamp",
    "list<item: string>": "array<string>",
}
READ = """
import json, sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config(
    "spark.sql.session.timeZone", "UTC").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
made = {}
for name in sys.argv[2:]:
    frame = spark.read.parquet(f"{sys.argv[1]}/data/{name}")
    rows = [row.asDict() for row in frame.collect()]
    made[name] = {"types": frame.dtypes, "rows": rows}
print(json.dumps(made, default=lambda value: value.strftime("%Y-%m-%dT%H:%M:%S.%f")))
"""

pytestmark = [
    pytest.mark.trials,
    pytest.mark.skipif(not SPARK, reason="name a Python with pyspark: SHENGLU_SPARK_PYTHON"),
    pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java"),
]


def test_spark_reads_the_same_tables_columns_types_and_rows(root):  # noqa: F811 - the fixture
    folder = release(root, "spark")
    done = subprocess.run(
        [SPARK, "-c", READ, str(folder), *RELEASED],
        env={**os.environ, "TZ": "UTC", "PYSPARK_PYTHON": SPARK},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    for name, made in RELEASED.items():
        wanted = [(c.name, TYPES[str(c.type).replace("l: ", "item: ")]) for c in made.columns]
        assert [tuple(pair) for pair in found[name]["types"]] == wanted, name
        rows = ds.dataset(folder / "data" / name).to_table().to_pylist()
        assert found[name]["rows"] == [{k: _plain(v) for k, v in row.items()} for row in rows]


def _plain(value):
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")
    return value
