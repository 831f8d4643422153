"""Personal data: consents, what is held about somebody, and erasing it when its time is over."""
