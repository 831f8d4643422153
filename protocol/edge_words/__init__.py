"""What an edge says of its work, in words for people of both languages. Pure.

An edge tells its alarms, the results of orders, why a user is not on a terminal and why a row is doubtful in English sentences with figures
in them, so that a person who listens to the wire can read them. Every sentence it has stands here with its Chinese; a test finds those that
do not. The server's pages and the edge's own page say them from here. What a later release says is shown as it is.

telling    finds which sentence was said, and says it again in the reader's words
edge       of the edge itself: outbox, messages, set-up, certificate
pull       of terminals that are read
push       of terminals that push
parts      of the parts of a station
orders     of orders and of users on terminals
"""

from protocol.edge_words.telling import CHINESE, in_chinese, told

__all__ = ["CHINESE", "in_chinese", "told"]
