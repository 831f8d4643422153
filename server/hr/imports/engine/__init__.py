"""Files into sheets, and sheets into what an import reads. Pure."""
