"""Whether what stands above what comes back to itself."""

from collections.abc import Iterable, Mapping


def in_circles(above: Mapping[str, str]) -> Iterable[str]:
    """Codes that stand above themselves; `above` gives the one above each, "" for none."""
    free: set[str] = set()
    for start in above:
        path: dict[str, None] = {}
        at = start
        while at and at not in path and at not in free:
            path[at] = None
            at = above.get(at, "")
        if at in path:
            passed = list(path)
            yield from passed[passed.index(at) :]
        free |= path.keys()
