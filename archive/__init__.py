"""The archive: model, schema, commit log, Parquet tables, WARC evidence, releases."""
