"""One replica served by itself, in the one state that it has."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.replicas.handler import Epochs, Listener, Options
from tests.replicas.replica import Replica

__all__ = ["alone"]


class _Site:
    def __init__(self, replica: Replica) -> None:
        self.epochs = Epochs()
        self._replica = replica

    def at(self, base: str, epoch: int) -> Replica:
        """The one state that there is."""
        del base, epoch
        return self._replica

    def control(self, verb: str, method: str, query: Mapping[str, str]) -> object:
        """Nothing to turn."""
        del verb, method, query


@contextmanager
def alone(replica: Replica, options: Options | None = None) -> Iterator[Listener]:
    """The replica on a free port, served by a thread of this process."""
    listener = Listener(0, _Site(replica), options or Options())
    worker = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
    worker.start()
    try:
        yield listener
    finally:
        listener.shutdown()
        listener.server_close()
        worker.join(5)
