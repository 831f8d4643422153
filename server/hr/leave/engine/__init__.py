"""The rules of leave, pure: no clock, no database.

calendar    leave years, and months from a day
entitling   how much of a year's days is due to somebody
running     the course of somebody's leave over time: lots, what uses them, how they end
settling    what the ledger lacks to say what the rules say
balancing   balances on a day
measuring   what each day of a leave takes
suiting     whom a kind is for
losing      when a year's days are lost by law
checking    terms that cannot be
telling     the sentences that explain movements and what lapses
describing  the sentences that say what a kind of leave is
"""
