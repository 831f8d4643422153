"""Reading and writing kinds of leave, the ledger, grounds and waivers."""
