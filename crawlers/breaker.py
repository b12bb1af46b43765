"""A circuit breaker for each host: after many failures in a row, ask once in a while. Pure.

A host that is down or has cut us off answers nothing useful to the next thousand requests. After
`FAILURES` in a row the circuit opens: nothing is sent for a pause, then one request probes (half
open). It closes the circuit, or doubles the pause; after `PROBES` failed probes the host is given
up for this run. After M. Nygard, Release It!, 2nd ed., 5.2.
"""

from dataclasses import dataclass, field

__all__ = ["FAILURES", "PROBES", "Breaker"]

FAILURES = 20
"""Failures in a row, over all requests to the host, that open its circuit."""
PROBES = 4
"""Probes that fail before the host is given up."""
_PAUSE, _LONGEST = 15.0, 900.0


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    opened: int = 0
    until: float = 0.0
    probing: bool = False


@dataclass(slots=True)
class Breaker:
    """The circuits of a run; times are seconds of any one clock."""

    pause: float = _PAUSE
    _circuits: dict[str, _Circuit] = field(default_factory=dict)

    def wait(self, host: str, now: float) -> float | None:
        """Seconds to wait before asking again, 0 to go ahead, None where the host is given up.

        Of several that wait for an open circuit one goes ahead, as the probe.
        """
        circuit = self._circuits.get(host)
        if circuit is None or not circuit.opened:
            return 0.0
        if circuit.opened > PROBES:
            return None
        if now < circuit.until:
            return circuit.until - now
        if circuit.probing:
            return 1.0
        circuit.probing = True
        return 0.0

    def worked(self, host: str) -> bool:
        """An answer came; whether that closed an open circuit."""
        circuit = self._circuits.pop(host, None)
        return circuit is not None and circuit.opened > 0

    def failed(self, host: str, now: float) -> float | None:
        """A request failed; the pause that begins now (seconds), or None if none does."""
        circuit = self._circuits.setdefault(host, _Circuit())
        circuit.failures += 1
        if circuit.failures < FAILURES or (circuit.opened and not circuit.probing):
            return None
        pause: float = min(self.pause * 2**circuit.opened, _LONGEST)
        circuit.opened += 1
        circuit.probing = False
        circuit.until = now + pause
        return pause
