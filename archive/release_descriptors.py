"""Machine-readable descriptions of a release: Croissant 1.1, Data Package, Hugging Face card head.

Pure: plain values made from the schema, the list of data files and what the release says about
itself. Paths are relative to the release's folder, so that a copy anywhere is described. Sources:
https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, https://datapackage.org/standard,
https://huggingface.co/docs/hub/datasets-cards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from archive.release_schema import RELEASED
from archive.schema import Column, Table

__all__ = ["DataFile", "card_head", "croissant", "datapackage"]

_RIGHTS: Final = "README.md#rights-and-care"
_SENTENCE: Final = (
    "Articles and comment threads from Chinese-language sites, with edits, deletions, votes and "
    "the completeness of every thread, as collected by shenglu."
)
_KEYS: Final = {
    "fetches": ("fetch_id",),
    "articles": ("source", "article_id", "version"),
    "comments": ("source", "thread_id", "comment_id", "version"),
    "runs": ("run_id",),
}
_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
_LARGER: Final = ((1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"))

_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file of a release: path in the release's folder, size in bytes, SHA-256 (hex)."""

    path: str
    bytes: int
    sha256: str


Files = Mapping[str, Sequence[DataFile]]


def croissant(about: Mapping[str, Any], tables: Files) -> dict[str, Any]:
    """The Croissant 1.1 description, as JSON-LD.

    A table of one file is read from it, a table of several from a file set below the release's
    own folder. The checksums are those of `SHA256SUMS`.
    """
    distribution: list[dict[str, Any]] = []
    for name, parts in tables.items():
        distribution += [_file_object(part) for part in parts]
        if len(parts) > 1:
            distribution.append(
                {
                    "@type": "cr:FileSet",
                    "@id": f"{name}-files",
                    "name": f"{name}-files",
                    "encodingFormat": "application/x-parquet",
                    "includes": f"data/{name}/*.parquet",
                }
            )
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": about["name"],
        "description": _SENTENCE,
        "version": f"{about['schema_version']}.0.{about['snapshot']}",
        "url": f"urn:uuid:{about['archive_id']}",
        "license": _RIGHTS,
        "creator": {"@type": "sc:Organization", "name": f"operator of {about['archive_id']}"},
        "datePublished": about["snapshot_committed_at"],
        "citeAs": f"{about['name']}: shenglu release of snapshot {about['snapshot']}, "
        f"archive {about['archive_id']}; cite with the SHA-256 of SHA256SUMS",
        "inLanguage": "zh",
        "isLiveDataset": False,
        "distribution": distribution,
        "recordSet": [_record_set(RELEASED[name], parts) for name, parts in tables.items()],
    }


def _file_object(part: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": part.path,
        "name": part.path,
        "contentUrl": part.path,
        "contentSize": f"{part.bytes} B",
        "encodingFormat": "application/x-parquet",
        "sha256": part.sha256,
    }


def _record_set(made: Table, parts: Sequence[DataFile]) -> dict[str, Any]:
    origin = (
        {"fileObject": {"@id": parts[0].path}}
        if len(parts) == 1
        else {"fileSet": {"@id": f"{made.name}-files"}}
    )
    record: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": made.name,
        "name": made.name,
        "description": made.doc,
        "field": [_field(made.name, column, origin) for column in made.columns],
    }
    if made.name in _KEYS:
        record["key"] = [{"@id": f"{made.name}/{column}"} for column in _KEYS[made.name]]
    return record


def _field(table: str, column: Column, origin: Mapping[str, Any]) -> dict[str, Any]:
    listed = pa.types.is_list(column.type)
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": column.name,
        "description": column.doc,
        "dataType": _kind(column.type, ("sc:Text", "sc:Integer", "sc:Boolean", "sc:DateTime")),
        **({"isArray": True, "arrayShape": "-1"} if listed else {}),
        "source": {**origin, "extract": {"column": column.name}},
    }


def datapackage(about: Mapping[str, Any], tables: Files) -> dict[str, Any]:
    """The Data Package (Frictionless) descriptor."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": str(about["name"]).lower(),
        "title": about["name"],
        "id": f"urn:uuid:{about['archive_id']}",
        "version": f"{about['schema_version']}.0.{about['snapshot']}",
        "created": about["snapshot_committed_at"],
        "description": _SENTENCE,
        "licenses": [{"name": "other-closed", "path": "README.md", "title": "No right is granted"}],
        "resources": [_resource(RELEASED[name], parts) for name, parts in tables.items()],
    }


def _resource(made: Table, parts: Sequence[DataFile]) -> dict[str, Any]:
    """One table, in the types that Frictionless itself reads: `frictionless validate` passes.

    It reads Parquet through pandas, where a whole number beside a null is a floating one and a
    list no JSON array, and counts no bytes; the exact type stands in `arrowType`.
    """
    fields = [
        {
            "name": column.name,
            "type": _kind(column.type, ("string", "number", "boolean", "datetime"), "any"),
            "arrowType": str(column.type),
            "description": column.doc,
        }
        for column in made.columns
    ]
    schema: dict[str, Any] = {"fields": fields}
    if made.name in _KEYS:
        schema["primaryKey"] = list(_KEYS[made.name])
    whole = (
        {"path": parts[0].path, "hash": f"sha256:{parts[0].sha256}"}
        if len(parts) == 1
        else {"path": [part.path for part in parts]}
    )
    return {
        "name": made.name,
        "type": "table",
        "description": made.doc,
        **whole,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": schema,
    }


def _kind(kind: pa.DataType, names: tuple[str, str, str, str], listed: str = "") -> str:
    """The name of a type among (text, integer, boolean, time), or of a list of texts."""
    text, integer, boolean, time = names
    if pa.types.is_list(kind):
        return listed or text
    if pa.types.is_timestamp(kind):
        return time
    if pa.types.is_boolean(kind):
        return boolean
    return integer if pa.types.is_integer(kind) else text


def card_head(about: Mapping[str, Any], tables: Files) -> str:
    """The YAML head of the card: how `load_dataset(folder, "comments")` finds each table.

    Tables without rows are left out: that reader refuses them.
    """
    rows = sum(about["rows"].values())
    size = next((name for bound, name in (*_SIZES, *_LARGER) if rows < bound), "n>100M")
    lines = [
        "---",
        f'pretty_name: "{about["name"]}"',
        "language:",
        "- zh",
        "license: other",
        "license_name: no-right-granted",
        f"license_link: {_RIGHTS}",
        "size_categories:",
        f"- {size}",
        "tags:",
        "- croissant",
        "- news",
        "- forum",
        "configs:",
    ]
    for name in (name for name in tables if about["rows"][name]):
        lines += [f"- config_name: {name}", f"  data_files: data/{name}/*.parquet"]
        if name == "comments":
            lines.append("  default: true")
    return "\n".join([*lines, "---", ""])
