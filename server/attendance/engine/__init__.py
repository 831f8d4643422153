"""How an attendance day comes about. Pure: the same plan, punches, grants and rules give the same day, on any machine.

dividing   which punch belongs to which work date
day        one work date, from its punches to the verdict
steps      the sentences of the explanation
granting   what a grant must say, and which dates it can matter to
resolving  whose rules hold on which day
"""
