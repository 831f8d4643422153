"""Spans of time: (start, end) in whole seconds, the end not included; lists of them in order and apart from each other."""

from collections.abc import Iterable, Sequence

Span = tuple[int, int]


def length(spans: Iterable[Span]) -> int:
    """Seconds in all."""
    return sum(end - start for start, end in spans)


def overlap(spans: Iterable[Span], start: int, end: int) -> int:
    """Seconds of the spans that lie between start and end."""
    return sum(min(stop, end) - max(begin, start) for begin, stop in spans if begin < end and stop > start)


def within(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """What of the spans lies between start and end."""
    return [(max(begin, start), min(stop, end)) for begin, stop in spans if begin < end and stop > start]


def without(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """The spans with everything from start to end taken out."""
    left: list[Span] = []
    for begin, stop in spans:
        if stop <= start or begin >= end:
            left.append((begin, stop))
            continue
        if begin < start:
            left.append((begin, start))
        if stop > end:
            left.append((end, stop))
    return left


def without_all(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The spans with every one of the others taken out."""
    left = list(spans)
    for start, end in taken:
        left = without(left, start, end)
    return left


def shared(spans: Sequence[Span], others: Iterable[Span]) -> list[Span]:
    """What lies in both."""
    return [found for start, end in others for found in within(spans, start, end)]


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in order, spans that touch or overlap made one."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return whole
