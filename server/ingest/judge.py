"""What the server makes of a hello and of a batch. Pure: the state of an epoch goes in, a verdict comes out.

The mark of an epoch only ever moves over rows that are stored in the same transaction, or that the edge has shown to be gone (a hole,
which is recorded and alarmed). A repeat or a gap changes nothing and is answered with the mark as it stands.

An edge that was set back to an old disk image needs no judgement here: every receipt shows it the mark and the head there, which are
not its own. Proof of two histories is a batch whose seal is good and whose rows do not continue the head that the same epoch had before.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from protocol import chain, codec
from protocol.errors import ChainError
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Batch, Hello, Refusal


class EpochCondition(StrEnum):
    """Whether rows of an epoch are still taken."""

    OPEN = "open"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class EpochState:
    """What the server knows of one life of an outbox. session: nonce of the last hello."""

    edge: EdgeId
    epoch: Epoch
    mark: int
    head: bytes
    session: str
    condition: EpochCondition = EpochCondition.OPEN


@dataclass(frozen=True, slots=True)
class Hole:
    """Rows that the edge no longer had and the server never got, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Welcome:
    """Answer to a hello: the state to store and to receipt, and a hole if there is one."""

    state: EpochState
    hole: Hole | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows of a batch that are new, to be stored with the new state; the first has number `first`. all_digests: of the whole batch."""

    state: EpochState
    first: int
    rows: list[bytes]
    all_digests: list[bytes]


@dataclass(frozen=True, slots=True)
class NothingNew:
    """A repeat or a gap: nothing is stored, the mark is told again."""

    is_gap: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing is stored and the edge is told why; `state` is to be stored where it changed."""

    refusal: Refusal
    detail: str
    state: EpochState | None = None


Verdict = Taken | NothingNew | Refused


def judge_hello(state: EpochState | None, hello: Hello) -> Welcome:
    """Open or continue an epoch. The hello's signature has been checked."""
    if state is None:
        state = EpochState(hello.edge, hello.epoch, 0, chain.genesis(hello.edge, hello.epoch), hello.nonce)
    state = replace(state, session=hello.nonce)
    if state.condition is EpochCondition.REFUSED:
        return Welcome(state, refusal=Refusal.EPOCH_REFUSED)
    if hello.low > state.mark + 1:
        hole = Hole(state.mark + 1, hello.low - 1)
        return Welcome(replace(state, mark=hello.low - 1, head=hello.low_head), hole)
    return Welcome(state)


def judge_batch(state: EpochState, batch: Batch) -> Verdict:
    """Decide on a batch whose seal has been checked."""
    if state.condition is EpochCondition.REFUSED:
        return Refused(Refusal.EPOCH_REFUSED, "this epoch was refused before")
    if batch.last - batch.first + 1 != len(batch.rows):
        return Refused(Refusal.BAD_CHAIN, "the batch's numbers and rows do not agree")
    if batch.last <= state.mark:
        return NothingNew(is_gap=False)
    if batch.first > state.mark + 1:
        return NothingNew(is_gap=True)
    try:
        digests, heads = codec.check_rows(batch)
    except ChainError as error:
        return Refused(Refusal.BAD_CHAIN, error.reason)
    known = state.mark + 1 - batch.first
    head_at_mark = heads[known - 1] if known else batch.previous_head
    if head_at_mark != state.head:
        refused = replace(state, condition=EpochCondition.REFUSED)
        return Refused(Refusal.EPOCH_REFUSED, "its rows do not continue those that came before in this epoch", refused)
    rows = [bytes(row) for row in batch.rows[known:]]
    return Taken(replace(state, mark=batch.last, head=batch.head), state.mark + 1, rows, digests)
