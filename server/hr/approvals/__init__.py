"""Approvals: who decides about what somebody asks for, and the course that it takes. Every area of HR that asks for something uses it.

It knows no request: whoever has one hands in what the flow's conditions look at (`model.Facts`) and a `model.Handler` that is told how the
course ended and says what approvers read.
"""
