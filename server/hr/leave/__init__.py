"""Kinds of leave, entitlements and the ledger of every movement; the balance on any date."""
