"""The pure rules of approvals.

choosing   which flow and branch a request goes by
resolving  which people a step means, for one requester
coursing   what an answer makes of a course: the state machine
limits     when time is up
checking   what is wrong with a flow
"""
