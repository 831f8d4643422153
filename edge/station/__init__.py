"""A clock-in point built from parts: finger or card, person, punch, door.

book       who has which card and which finger here, and who agreed to what
enrolment  taking a finger, step by step (pure)
parts      the module and the reader, each in a thread of its own, started again when it breaks off
desk       a person has come: punch into the outbox, line on the page, door
page       the small page that a tablet at the door shows
A template never leaves the module. Everything works without a network.
"""
