"""Users as terminals should hold them: kept, made so, and told back.

merge      a higher revision replaces a lower one (pure)
outcome    what became of a user, when it is tried again (pure)
reasons    why somebody is not there, in words
book       what is wanted of every terminal, in wanted.sqlite
templates  which templates to bring and which to tell the server of (pure)
pull       carries out on terminals that are read
push       carries out on terminals that push
wording    commands for those, in both dialects (pure)
teller     tells the server
carriers   all of it at work
"""
