"""Reading and writing of areas, in files by what they are about: areas, facts, rows, books, marks, templates, rights."""
