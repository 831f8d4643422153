"""People on terminals: areas, the users that each terminal should hold, their templates, and what was reported of them."""
