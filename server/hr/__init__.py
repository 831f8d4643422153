"""The people side: staff records, leave, requests, approvals, imports. It knows attendance; attendance does not know it."""
