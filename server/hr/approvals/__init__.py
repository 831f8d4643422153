"""Flows of approval: who decides on what, in which steps, and the course of each case. Every area that asks somebody uses it."""
