"""`python -m clockbridge` is `clockbridge`."""

from clockbridge.main import main

main()
