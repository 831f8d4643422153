"""The language edge and server both speak.

Identifiers, instants, messages, their signatures and chains, and the topics they travel on. Everything here is pure: no socket,
clock, file or randomness. It is append-only: a field or a kind may be added, none may change its meaning, and a message of any
earlier release decodes for ever (tests/golden/messages).
"""
