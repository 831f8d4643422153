"""Rule sets: ready-made ones, whose hold on which day, and how people read, check, edit and compare them.

ready_made   sets that are lawful as they stand
resolving    whose rules hold on which day
fields       every field of a rule set with its meaning; forms: from and to what a browser sends
words        a whole set in sentences; changes: two of them compared; examples: a day by them
checks       where a set contradicts itself or the law
"""
