"""The identity of edges: tokens, certificates, renewal, revocation, and who wanted in and may not. The authority is the broker's."""
