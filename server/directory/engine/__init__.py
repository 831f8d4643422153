"""Reading what people write into spreadsheets. Pure."""

from server.directory.engine.cells import is_yes, read_day
from server.directory.engine.sheet import Column, Sheet, SheetRow, clean, read_sheet

__all__ = ["Column", "Sheet", "SheetRow", "clean", "is_yes", "read_day", "read_sheet"]
