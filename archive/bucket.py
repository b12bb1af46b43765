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
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Self

import tenacity

from archive import files
from archive.errors import StorageError, UsageError

__all__ = ["Bucket"]

_TAKEN = frozenset({"PreconditionFailed", "412"})
_GONE = frozenset({"NoSuchKey", "404", "NotFound"})
_BUSY = frozenset({"ConditionalRequestConflict", "409"})
_BLOCK = 1 << 20
_PATIENCE = 60
"""Seconds without a byte after which an answer is taken for lost."""

_REMEDIES = {
    "NoSuchBucket": "make the bucket first, or mend its name",
    "AccessDenied": "permission refused: the key must list, get, put and delete below the prefix",
    "403": "permission refused: the key must list, get, put and delete below the prefix",
    "InvalidAccessKeyId": "mend AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "mend AWS_SECRET_ACCESS_KEY",
    "NoCredentialsError": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    "EndpointConnectionError": "check the network and AWS_ENDPOINT_URL",
    "NotImplemented": "the store lacks conditional writes (If-None-Match): use another one",
}


def _code(error: BaseException) -> str:
    response: Any = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", type(error).__name__))


_again = tenacity.retry(
    retry=tenacity.retry_if_exception(lambda error: _code(error) in _BUSY),
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


@dataclass(frozen=True)
class Bucket:
    """A bucket and a prefix in it; keys are relative to the prefix."""

    name: str
    prefix: str

    @classmethod
    def at(cls, url: str) -> Self:
        """The place that `s3://bucket/prefix` names; raises `UsageError` for anything else."""
        scheme, _, rest = url.partition("://")
        name, _, prefix = rest.partition("/")
        if scheme != "s3" or not name:
            raise UsageError(f"{url!r} is no s3://bucket/prefix")
        if any(part in {".", ".."} for part in prefix.split("/")):
            raise UsageError(f"{url!r} has a part that object stores and folders read differently")
        prefix = prefix.strip("/")
        return cls(name, f"{prefix}/" if prefix else "")

    def url(self, key: str = "") -> str:
        """The full name of an object, for messages and for readers."""
        return f"s3://{self.name}/{self.prefix}{key}"

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
        with _told("create", self.url(key)):
            try:
                _again(self._client.put_object)(
                    Bucket=self.name, Key=self.prefix + key, Body=data, IfNoneMatch="*"
                )
            except _refusals() as error:
                if _code(error) not in _TAKEN:
                    raise
                return self.get(key) == data
        return True

    def put_file(self, key: str, path: Path) -> None:
        """Copy a file into an object, with its SHA-256 in the metadata; in parts if it is large."""
        with _told("write", self.url(key)):
            with path.open("rb") as data:
                sha256 = hashlib.file_digest(data, "sha256").hexdigest()
            self._client.upload_file(
                str(path), self.name, self.prefix + key, ExtraArgs={"Metadata": {"sha256": sha256}}
            )

    def put(self, key: str, data: bytes) -> None:
        """Put a small object in place of what is there."""
        with _told("write", self.url(key)):
            self._client.put_object(Bucket=self.name, Key=self.prefix + key, Body=data)

    def held(self, key: str) -> str | None:
        """The SHA-256 (hex) that an object was stored with, None where there is none."""
        with _told("read", self.url(key)):
            try:
                found = self._client.head_object(Bucket=self.name, Key=self.prefix + key)
            except _refusals() as error:
                if _code(error) in _GONE:
                    return None
                raise
            return str(found["Metadata"].get("sha256", ""))

    def get(self, key: str) -> bytes | None:
        """The content of an object, None where there is none."""
        with _told("read", self.url(key)):
            try:
                return b"".join(self._blocks(key))
            except _refusals() as error:
                if _code(error) in _GONE:
                    return None
                raise

    def sha256(self, key: str) -> str:
        """SHA-256 (hex) of an object as it is read now."""
        digest = hashlib.sha256()
        with _told("read", self.url(key)):
            for block in self._blocks(key):
                digest.update(block)
        return digest.hexdigest()

    def fetch(self, key: str, path: Path) -> None:
        """Copy an object into a file, whole or not at all."""
        with files.replacing(path) as out, _told("read", self.url(key)):
            for block in self._blocks(key):
                out.write(block)

    def _blocks(self, key: str) -> Iterator[bytes]:
        """An object, block by block; where the line breaks, the rest is asked for."""
        done, total = 0, 1
        rest: dict[str, str] = {}
        for attempt in _until_whole(_broken()):
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
        with _told("list", self.url(below)):
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
            with _told("delete", self.url(key)):
                self._client.delete_object(Bucket=self.name, Key=self.prefix + key)

    @cached_property
    def arrow(self) -> Any:
        """The bucket as pyarrow's S3 file system, with the credentials that boto3 found."""
        fs = _needed("pyarrow.fs")
        with _told("open", self.url("")):
            meta = self._client.meta
            found = _needed("boto3").Session().get_credentials()
            secret = found.get_frozen_credentials() if found else None
        endpoint = meta.endpoint_url
        return fs.S3FileSystem(
            access_key=secret.access_key if secret else None,
            secret_key=secret.secret_key if secret else None,
            session_token=secret.token if secret else None,
            anonymous=secret is None,
            region=meta.region_name,
            endpoint_override=None if ".amazonaws.com" in endpoint else endpoint,
        )

    @cached_property
    def _client(self) -> Any:
        config = _needed("botocore.config").Config(
            retries={"mode": "standard", "total_max_attempts": 5},
            connect_timeout=20,
            read_timeout=_PATIENCE,
        )
        try:
            return _needed("boto3").client("s3", config=config)
        except _refusals() as error:
            raise StorageError(f"{self.url()}: {error}; mend the AWS settings") from error


def _needed(module: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"S3 needs {error.name}; install the extra: pip install 'shenglu[s3]'"
        ) from error


@cache
def _refusals() -> tuple[type[Exception], ...]:
    errors = _needed("botocore.exceptions")
    made = _needed("boto3.exceptions")
    return (errors.BotoCoreError, errors.ClientError, made.Boto3Error, OSError)


@cache
def _broken() -> tuple[type[Exception], ...]:
    """What a line that breaks inside an answer raises: reading again does no harm."""
    errors = _needed("botocore.exceptions")
    return (errors.HTTPClientError, errors.IncompleteReadError)


@contextlib.contextmanager
def _told(doing: str, url: str) -> Iterator[None]:
    """Turn what boto3 raises into a `StorageError` that names object and remedy."""
    try:
        yield
    except _refusals() as error:
        remedy = _REMEDIES.get(_code(error), "mend the cause and run the same command again")
        raise StorageError(f"cannot {doing} {url}: {error}; {remedy}") from error
