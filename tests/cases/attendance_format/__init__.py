"""Reading case files of attendance: the format is documented in the `meta` of each file.

keys       every key and value there may be; anything else is a failure that names it
moments    "D0 09:00" into dates and instants
settings   the rules of a case
rosters    shift, calendar and employment into planned days
facts      punches and approvals
answers    what the product says for every key of `expected`
"""


class CaseError(ValueError):
    """Something of a case that this runner does not know; it fails that case and is named."""
