"""What became of commands: `ID=7&Return=0&CMD=DATA`, several a body, identifiers may be text; SHELL and files write one field a line."""

from dataclasses import dataclass

from edge.devices.iclock.protocol.lines import pairs_of, text_of

RESULTS = 1000
"""Results of one body; a terminal takes at most 200 commands at once."""

MEANINGS = {
    -1: "wrong parameter", -2: "size of the picture", -3: "storage failed", -9: "size of the template", -10: "no such user",
    -11: "no valid template", -12: "no valid template", -1001: "full", -1002: "not understood", -1003: "timed out",
    -1004: "another dialect", -1005: "busy", -1006: "too long", -1007: "out of memory",
    2: "finger is enrolled already", 4: "enrolment failed: poor quality", 5: "finger is another user's", 6: "enrolment was cancelled",
    7: "terminal is busy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CommandResult:
    """One result. code: None where the terminal wrote no number. values: whatever else it told, such as `attlogsum`."""

    command: str
    code: int | None
    values: dict[str, str]

    @property
    def done(self) -> bool:
        """Processed; it says nothing of the effect."""
        return self.code == 0

    @property
    def meaning(self) -> str:
        return MEANINGS.get(self.code, f"code {self.code}") if self.code is not None else "no code"


def read_results(body: bytes) -> list[CommandResult]:
    """All results of a body, in order; lines without an identifier belong to the one before."""
    text = (text_of(body) or body.decode("latin-1")).replace("\r", "")
    found: list[dict[str, str]] = []
    for line in text.split("\n"):
        fields = {name: value[:200] for name, value in pairs_of(line, "&").items()}
        if "id" in fields and len(found) < RESULTS:
            found.append(fields)
        elif found:
            found[-1] = fields | found[-1]
    return [CommandResult(fields["id"][:64], _number(fields.get("return", "")), fields) for fields in found]


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
