"""Staff records beyond the employment: identity, contracts, documents, own fields, and what about them is waiting for somebody."""
