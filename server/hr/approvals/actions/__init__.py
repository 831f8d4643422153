"""What can be done with flows, courses and delegations."""

from server.hr.approvals.actions.bulk import BulkView, answer_some, decide_many, see_bulk
from server.hr.approvals.actions.charts import facts_for
from server.hr.approvals.actions.deciding import add_comment, decide, hand_over, remind
from server.hr.approvals.actions.delegating import (
    acting_for,
    all_delegations,
    delegate,
    delegations_of,
    delegations_to,
    end_delegation,
    possible_delegates,
)
from server.hr.approvals.actions.flows import LONGEST_KIND, chosen_for, current_flows, foresee, publish_flow, retire_flow, versions_of
from server.hr.approvals.actions.foreseeing import Lacking, lacking
from server.hr.approvals.actions.reading import (
    CourseView,
    copied_to,
    count_waiting,
    course_of,
    courses_of,
    daily_lines,
    decided_by,
    last_comment,
    my_task,
    requesters_of,
    see_course,
    told_of,
    waiting_for,
    waiting_on,
    without_approver,
)
from server.hr.approvals.actions.submitting import resubmit, submit, withdraw
from server.hr.approvals.actions.time_limits import follow_time

__all__ = [
    "LONGEST_KIND",
    "BulkView",
    "CourseView",
    "Lacking",
    "acting_for",
    "add_comment",
    "all_delegations",
    "answer_some",
    "chosen_for",
    "copied_to",
    "count_waiting",
    "course_of",
    "courses_of",
    "current_flows",
    "daily_lines",
    "decide",
    "decide_many",
    "decided_by",
    "delegate",
    "delegations_of",
    "delegations_to",
    "end_delegation",
    "facts_for",
    "follow_time",
    "foresee",
    "hand_over",
    "lacking",
    "last_comment",
    "my_task",
    "possible_delegates",
    "publish_flow",
    "remind",
    "requesters_of",
    "resubmit",
    "retire_flow",
    "see_bulk",
    "see_course",
    "submit",
    "told_of",
    "versions_of",
    "waiting_for",
    "waiting_on",
    "withdraw",
    "without_approver",
]
