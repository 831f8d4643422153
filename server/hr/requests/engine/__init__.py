"""What a request may become, what stands in its way, and how it is said. Pure."""
