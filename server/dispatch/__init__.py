"""The way down: what should be true at terminals, and orders to their edges. Each folder is an area of its own."""
