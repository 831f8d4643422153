"""Values of shifts, patterns, rosters and calendars, and the planned day that attendance assesses."""

from server.roster.model.calendars import Calendar, CalendarDay, CalendarKind, CalendarYear, Law, SiteCalendar, YearState
from server.roster.model.clock import date_of, each_day, instant_of
from server.roster.model.days import DayKind, PlannedBreak, PlannedDay, PlannedPart, RosterDay, RosterSource
from server.roster.model.entries import Entry, EntryKind, GridDay, PersonName, Published, PunchExemption, RosterSettings, Wish
from server.roster.model.findings import Finding
from server.roster.model.patterns import Anchor, Assignment, Held, HolidayChoice, Pattern, PatternTerms, PatternVersion, Scope
from server.roster.model.shifts import LateLeave, RequiredPunches, Shift, ShiftBreak, ShiftPart, ShiftTerms, ShiftVersion

__all__ = [
    "Anchor",
    "Assignment",
    "Calendar",
    "CalendarDay",
    "CalendarKind",
    "CalendarYear",
    "DayKind",
    "Entry",
    "EntryKind",
    "Finding",
    "GridDay",
    "Held",
    "HolidayChoice",
    "LateLeave",
    "Law",
    "Pattern",
    "PatternTerms",
    "PatternVersion",
    "PersonName",
    "PlannedBreak",
    "PlannedDay",
    "PlannedPart",
    "Published",
    "PunchExemption",
    "RequiredPunches",
    "RosterDay",
    "RosterSettings",
    "RosterSource",
    "Scope",
    "Shift",
    "ShiftBreak",
    "ShiftPart",
    "ShiftTerms",
    "ShiftVersion",
    "SiteCalendar",
    "Wish",
    "YearState",
    "date_of",
    "each_day",
    "instant_of",
]
