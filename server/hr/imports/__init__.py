"""The import room: workbooks of staff, contracts, balances, rosters and punches, checked whole, taken whole, and undone whole."""
