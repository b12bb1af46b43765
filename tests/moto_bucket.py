"""An empty bucket on a moto server in a process of its own, as fixtures."""

import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from archive.bucket import Bucket

__all__ = ["aws_settings", "bucket", "endpoint"]


@pytest.fixture(scope="session")
def endpoint():
    pytest.importorskip("boto3")
    pytest.importorskip("moto.server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{url}/moto-api/", timeout=1).close()  # noqa: S310 - loopback
                    break
                except OSError:
                    assert server.poll() is None, "the moto server did not start"
                    time.sleep(0.1)
            yield url
        finally:
            server.terminate()
            server.wait(20)


def aws_settings(url, home):
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "XDG_CACHE_HOME": str(home / "cache"),
        "AWS_CONFIG_FILE": str(home / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "none"),
    }


@pytest.fixture
def bucket(endpoint, tmp_path, monkeypatch):
    for name, value in aws_settings(endpoint, tmp_path).items():
        monkeypatch.setenv(name, value)
    made = Bucket.at(f"s3://b{os.urandom(6).hex()}/an/archive")
    made._client.create_bucket(Bucket=made.name)
    return made
