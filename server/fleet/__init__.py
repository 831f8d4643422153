"""Sites, edges and terminals: what IT provisions."""
