"""`shenglu serve`: read the archive in a browser, on this machine."""

import ipaddress
from pathlib import Path

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]


@click.command(short_help="Read the archive in a browser on this machine.")
@ARCHIVE
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--open-to-others", is_flag=True, help="Allow a --host that others can reach.")
def command(archive: Path, port: int, host: str, *, open_to_others: bool) -> None:
    """Serve search, threads, edit histories and archived pages until interrupted.

    Read-only; nothing is loaded from elsewhere. There is no password: on another address than
    loopback everybody who reaches it reads everything, so that needs --open-to-others.
    """
    from archive.errors import UsageError
    from archive.root import Root

    root = Root.open(archive)
    if not _loopback(host) and not open_to_others:
        raise UsageError(
            f"{host} is not loopback, and there is no password; use an SSH tunnel, or say "
            "--open-to-others"
        )
    try:
        import uvicorn

        from crawlers.browse import application
    except ModuleNotFoundError as error:
        raise UsageError(
            f"serving needs {error.name}; install the extra: pip install 'shenglu[serve]'"
        ) from error
    app = application(root, ("127.0.0.1", "localhost", host))
    click.echo(f"http://{'localhost' if _loopback(host) else host}:{port}/  (Ctrl-C ends it)")
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
