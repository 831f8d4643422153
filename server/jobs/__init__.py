"""Work that is longer than a request: asked for in a transaction, done in shards by a process of its own, seen by people while it runs.

The rows of this area are the facts: what was asked, which shards are done, how it ended. DBOS carries the work out (queues, schedules,
going on after a death), in a database of its own that holds nothing else: whoever loses it loses no fact, see
docs/decisions/0015-dbos-carries-what-our-rows-say.md.

An area writes its kinds of work as plain functions in `<area>/jobs.py`; `wiring` hands them to the runner.
"""
