"""Work of attendance that no request waits for.

days     the worker that follows what came and keeps days up to date, for ever
closing  everybody's period frozen for payroll
trials   days worked out beside those that count: recalculation, what-if, the nightly look
"""

from server.attendance.jobs.days import DayWorker

__all__ = ["DayWorker"]
