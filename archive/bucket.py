"""A place in an S3 bucket: objects by key below a prefix, and errors that say what mends them.

boto3 finds credentials, region and endpoint as every AWS tool does (`AWS_*`, `~/.aws`). Its own
"standard" mode sends again what was throttled, failed at the server or got no answer; a conditional
put that ran into another one (409) is sent again here, and of a body that breaks off the rest is
asked for. What a lost answer makes ambiguous is settled by reading: an object that holds our bytes
is ours.
"""

import contextlib
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

import tenacity

from archive import files
from archive.bucket_place import Place, error_code
from archive.errors import StorageError

__all__ = ["Bucket"]

_TAKEN = frozenset({"PreconditionFailed", "412"})
_GONE = frozenset({"NoSuchKey", "404", "NotFound"})
_BUSY = frozenset({"ConditionalRequestConflict", "409"})
_BLOCK = 1 << 20

_again = tenacity.retry(
    retry=tenacity.retry_if_exception(lambda error: error_code(error) in _BUSY),
    stop=tenacity.stop_after_attempt(5),
    wait=tenacity.wait_random_exponential(multiplier=0.1, max=2),
    reraise=True,
)


def _until_whole(broken: tuple[type[Exception], ...]) -> tenacity.Retrying:
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(broken),
        stop=tenacity.stop_after_attempt(5),
        wait=tenacity.wait_random_exponential(multiplier=0.1, max=2),
        reraise=True,
    )


class Bucket(Place):
    """A bucket and a prefix in it; keys are relative to the prefix."""

    def probe(self) -> None:
        """Make sure that the store honours `If-None-Match: *`; raises `StorageError` if not.

        Without it two writers could both believe that they made a commit, and one would be lost.
        """
        key = f"_stage/probe-{secrets.token_hex(8)}"
        try:
            first, second = self.create(key, b"1"), self.create(key, b"2")
        finally:
            with contextlib.suppress(StorageError):
                self.delete([key])
        if not first or second:
            raise StorageError(
                f"{self.url()}: the store ignores If-None-Match, so commits could overwrite each "
                "other; use a store with conditional writes (AWS S3, MinIO, R2, Ceph 19 or newer)"
            )

    def create(self, key: str, data: bytes) -> bool:
        """Put an object only if there is none of that name; False where another one is there."""
        with self._told("create", key):
            try:
                self._create(key, data)
            except self._refusal as error:
                if error_code(error) not in _TAKEN:
                    raise
                return self.get(key) == data
        return True

    @_again
    def _create(self, key: str, data: bytes) -> None:
        self._client.put_object(Bucket=self.name, Key=self.prefix + key, Body=data, IfNoneMatch="*")

    def put_file(self, key: str, path: Path) -> None:
        """Copy a file into an object, with its SHA-256 in the metadata; in parts if it is large."""
        with self._told("write", key):
            with path.open("rb") as data:
                sha256 = hashlib.file_digest(data, "sha256").hexdigest()
            self._client.upload_file(
                str(path), self.name, self.prefix + key, ExtraArgs={"Metadata": {"sha256": sha256}}
            )

    def put(self, key: str, data: bytes) -> None:
        """Put a small object in place of what is there."""
        with self._told("write", key):
            self._client.put_object(Bucket=self.name, Key=self.prefix + key, Body=data)

    def held(self, key: str) -> str | None:
        """The SHA-256 (hex) that an object was stored with, None where there is none."""
        with self._told("read", key):
            try:
                found = self._client.head_object(Bucket=self.name, Key=self.prefix + key)
            except self._refusal as error:
                if error_code(error) in _GONE:
                    return None
                raise
            return str(found["Metadata"].get("sha256", ""))

    def get(self, key: str) -> bytes | None:
        """The content of an object, None where there is none."""
        with self._told("read", key):
            try:
                return b"".join(self._blocks(key))
            except self._refusal as error:
                if error_code(error) in _GONE:
                    return None
                raise

    def sha256(self, key: str) -> str:
        """SHA-256 (hex) of an object as it is read now."""
        digest = hashlib.sha256()
        with self._told("read", key):
            for block in self._blocks(key):
                digest.update(block)
        return digest.hexdigest()

    def fetch(self, key: str, path: Path) -> None:
        """Copy an object into a file, whole or not at all."""
        with files.replacing(path) as out, self._told("read", key):
            for block in self._blocks(key):
                out.write(block)

    def _blocks(self, key: str) -> Iterator[bytes]:
        """An object, block by block; where the line breaks, the rest is asked for."""
        done, total = 0, 1
        rest: dict[str, str] = {}
        for attempt in _until_whole(self._broken):
            with attempt:
                if done >= total:
                    return
                found = self._client.get_object(Bucket=self.name, Key=self.prefix + key, **rest)
                total = done + found["ContentLength"]
                for block in found["Body"].iter_chunks(_BLOCK):
                    done += len(block)
                    rest = {"Range": f"bytes={done}-", "IfMatch": found["ETag"]}
                    yield block

    def sizes(self, below: str = "") -> dict[str, int]:
        """The objects whose keys begin so, and their sizes in bytes."""
        with self._told("list", below):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=self.prefix + below
            )
            return {
                one["Key"].removeprefix(self.prefix): one["Size"]
                for page in pages
                for one in page.get("Contents", ())
            }

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; those that are gone already are no error."""
        for key in keys:
            with self._told("delete", key):
                self._client.delete_object(Bucket=self.name, Key=self.prefix + key)
