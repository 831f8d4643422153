"""Card readers: RDM6300 on a serial port, readers that type like a keyboard, and the ways in which a card's number is written."""
