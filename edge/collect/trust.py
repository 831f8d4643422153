"""Whether terminals may set their clocks by this machine's: gathers the evidence, the judgement is `zone.trusted`."""

import time
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from edge.devices.iclock.protocol.zone import ClockEvidence, trusted
from edge.outbox import Outbox

AGAIN_SECONDS = 60.0


class ClockTrust:
    """Looks at the evidence once a minute."""

    def __init__(self, outbox: Outbox, certificate: Path) -> None:
        self._outbox, self._certificate = outbox, certificate
        self._looked_at = float("-inf")
        self._trusted = False

    def now(self) -> bool:
        """Whether the clock may be believed; blocks for a moment when it is time to look again."""
        at = time.monotonic()
        if at - self._looked_at >= AGAIN_SECONDS:
            self._trusted, self._looked_at = self._look(), at
        return self._trusted

    @property
    def last(self) -> bool:
        """What was found last."""
        return self._trusted

    def _look(self) -> bool:
        try:
            found = x509.load_pem_x509_certificate(self._certificate.read_bytes())
        except (OSError, ValueError):
            return False
        evidence = ClockEvidence(datetime.now(UTC), self._outbox.clock_set_back(), found.not_valid_before_utc, found.not_valid_after_utc)
        return trusted(evidence)
