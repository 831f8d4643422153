"""What can be done with orders, set-ups and terminals that are new."""

from server.dispatch.orders.actions.carrying import OrderCourier
from server.dispatch.orders.actions.discovering import adopt, newcomer, newcomers, offer_again, open_scans, turn_away
from server.dispatch.orders.actions.giving import cancel_order, give_order, repeat_order
from server.dispatch.orders.actions.reading import body_of, find_order, list_orders, parts_of, pending_orders, progress_of
from server.dispatch.orders.actions.setups import SetupCourier

__all__ = [
    "OrderCourier",
    "SetupCourier",
    "adopt",
    "body_of",
    "cancel_order",
    "find_order",
    "give_order",
    "list_orders",
    "newcomer",
    "newcomers",
    "offer_again",
    "open_scans",
    "parts_of",
    "pending_orders",
    "progress_of",
    "repeat_order",
    "turn_away",
]
