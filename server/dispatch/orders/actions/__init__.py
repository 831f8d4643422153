"""What can be done with orders, set-ups and terminals that are new."""

from server.dispatch.orders.actions.setups import SetupCourier

__all__ = ["SetupCourier"]
