"""The edge's own page at the site: how it is, without the centre, and a way to hand in files.

door    who may look: this machine, or whoever has the password
facts   what is to be seen just now
texts   what the page says, in Chinese and English
html    the page
page    requests and answers
"""

from edge.status_page.page import StatusPage

__all__ = ["StatusPage"]
