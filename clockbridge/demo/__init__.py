"""The demo: the whole way on one machine, with a small control page of its own that breaks things on purpose."""
