"""Takes in what edges send: judges, admits once, quarantines, answers with receipts."""
