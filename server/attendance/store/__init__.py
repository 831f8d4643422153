"""Reading and writing punches. Whose punch it is follows from the enrolments when it is read."""
