"""Ranges of a key: every row lies in exactly one, and they follow each other in order."""

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.key_ranges import ranges_of

KEYS = ("a", "b", "c")
VALUE = st.none() | st.integers(0, 3)
ROW = st.tuples(st.none() | st.sampled_from(["x", "y", ""]), VALUE, VALUE)
ORDER = " ORDER BY a NULLS LAST, b NULLS LAST, c NULLS LAST"


@settings(max_examples=20, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=15), st.lists(ROW, max_size=6))
def test_ranges_put_together_are_the_rows_in_order(rows, cuts):
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t(a VARCHAR, b INTEGER, c INTEGER)")
        connection.execute("CREATE TABLE k(a VARCHAR, b INTEGER, c INTEGER)")
        for table, some in (("t", rows), ("k", cuts)):
            marks = ", ".join("(?, ?, ?)" for _ in some)
            if some:
                values = [value for row in some for value in row]
                connection.execute(f"INSERT INTO {table} VALUES {marks}", values)  # noqa: S608 - ours
        ordered = connection.execute(f"SELECT DISTINCT * FROM k {ORDER}").fetchall()  # noqa: S608 - ours
        whole = connection.execute(f"FROM t {ORDER}").fetchall()
        parts = []
        for condition, values in ranges_of(KEYS, ordered):
            sql = f"SELECT * FROM t WHERE {condition} {ORDER}"  # noqa: S608 - ours
            parts += connection.execute(sql, values).fetchall()
    assert parts == whole
