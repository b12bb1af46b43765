"""Where a bucket is, and the way there: client, credentials, and what its refusals mean.

boto3 finds credentials, region and endpoint as every AWS tool does (`AWS_*`, `~/.aws`).
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any, Self

from archive.errors import StorageError, UsageError

__all__ = ["Place", "error_code"]

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


def error_code(error: BaseException) -> str:
    """The code of a refusal, or the name of its type."""
    response: Any = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", type(error).__name__))


@dataclass(frozen=True)
class Place:
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

    @cached_property
    def arrow(self) -> Any:
        """The bucket as pyarrow's S3 file system, with the credentials that boto3 found."""
        fs = _needed("pyarrow.fs")
        with self._told("open", ""):
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
        except self._refusal as error:
            raise StorageError(f"{self.url()}: {error}; mend the AWS settings") from error

    @cached_property
    def _refusal(self) -> tuple[type[Exception], ...]:
        errors = _needed("botocore.exceptions")
        made = _needed("boto3.exceptions")
        return (errors.BotoCoreError, errors.ClientError, made.Boto3Error, OSError)

    @cached_property
    def _broken(self) -> tuple[type[Exception], ...]:
        """What a line that breaks inside an answer raises: reading again does no harm."""
        errors = _needed("botocore.exceptions")
        return (errors.HTTPClientError, errors.IncompleteReadError)

    @contextlib.contextmanager
    def _told(self, doing: str, key: str) -> Iterator[None]:
        """Turn what boto3 raises into a `StorageError` that names object and remedy."""
        try:
            yield
        except self._refusal as error:
            remedy = _REMEDIES.get(
                error_code(error), "mend the cause and run the same command again"
            )
            raise StorageError(f"cannot {doing} {self.url(key)}: {error}; {remedy}") from error


def _needed(module: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"S3 needs {error.name}; install the extra: pip install 'shenglu[s3]'"
        ) from error
