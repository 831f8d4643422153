"""The shell of the pages: layout, language, security, static files. It knows no area."""
