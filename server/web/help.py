"""What each place of the navigation is for, in a sentence or two: the help that every page has. English texts, keys of the translation."""

from collections.abc import Mapping

HELP: Mapping[str, str] = {
    "/today": "Who is here, who is not, and who is late, as far as the terminals have reported. A figure shows its people; "
    "the labels at the top are what waits for you.",
    "/attendance/month": "One row a person, one sign a day. The arrow keys walk, Enter opens the day with its reasons. Hatched days are "
    "provisional.",
    "/attendance/exceptions": "Days on which something is open: a missing punch, lateness, overtime that nobody approved. Open one to "
    "settle it; what is settled leaves the list.",
    "/grants": "Approved facts that a day obeys: leave, overtime, corrections, trips. Each says who made it and why; "
    "withdrawing one works its days out again.",
    "/periods": "A period is confirmed by the employees and closed by HR. What changes afterwards becomes a difference that "
    "the next open period pays.",
    "/requests": "What people ask for, and where it stands. Open one for its course, comments and what it made.",
    "/request-rules": "What may be asked for, until when and how often. A change holds from a day on; what was asked before keeps "
    "the rules of its day.",
    "/roster": "Who works when. Drag or use the keyboard, look at the warnings, then publish; only what is published counts.",
    "/shifts": "The hours of one duty, with breaks and windows for punches. Changes hold from a day on.",
    "/patterns": "How duties repeat, by the week or in rotation.",
    "/assignments": "Which pattern holds for the company, a site, a department, a position or a person. The narrowest one counts.",
    "/exemptions": "People whose days count as worked without a punch, from a day on and with a reason.",
    "/calendar": "Statutory holidays and the days that were moved. The days of a year hold once it is announced and complete.",
    "/roster/settings": "What holds for all rosters: the calendar, the rest between two shifts, and what is warned of.",
    "/rules": "How punches become a day: lateness, rounding, overtime. Try a change on the past before it holds.",
    "/board": "Punches as they arrive. A site that is not heard of is grey, with the time it was last heard.",
    "/punches": "Every punch that was admitted. It is never edited; each shows the bytes that the terminal sent.",
    "/fleet": "Every site, edge and terminal at one glance, as a table or as tiles. It renews itself; what needs you comes with one click.",
    "/terminals": "What is read, how far, and whether the counts of terminal, outbox and server agree.",
    "/areas": "Who is on which terminals. An area names terminals and says who belongs; joining, moving and leaving does the rest. "
    "Look first at who would come and go; the last change can be taken back.",
    "/silent-terminals": "Terminals that have not reported keep days provisional. If one will not come back, say so here with the reason.",
    "/sites": "Places of work. A new site gets an edge, and the edge one line to run on its box: that makes it ours.",
    "/edges": "The gateways at the sites: their connection, clock and backlog.",
    "/discovery": "Terminals that an edge met and does not read: look for more, add one, turn one away.",
    "/clocks": "When edges set the clocks of terminals by themselves, and how the clocks are now.",
    "/orders": "What was asked of terminals, one or many at once: how far it is, what came of it, what can be tried again.",
    "/alarms": "What is wrong now and what to do about it. An alarm goes when its cause is gone.",
    "/quarantine": "Punches that could not be admitted, with the evidence. Say who it is, then replay them.",
    "/support": "Files for whoever helps you from afar: how this server and its edges are, without people and without secrets.",
    "/people": "Everybody as of a day: filter, open somebody, hire, export. The name opens everything about the person.",
    "/absent": "Who was planned and has no punch on a day.",
    "/departments": "The tree of departments with heads and head-counts on a day.",
    "/org": "The company on a day, by departments or by managers. A click opens what stands below.",
    "/positions": "What people are hired to do.",
    "/legal-entities": "Who the contracts are with. A role can be limited to the people of one of them.",
    "/pay-groups": "Who is paid together, and on which day of the month their periods begin.",
    "/enrolments": "Whose number it is at which terminals, from when to when. Suggestions are at the top; punches kept back come "
    "in once somebody is enrolled.",
    "/imports": "Take a template, fill it in, hand it in. You see every finding and what would happen before anything is "
    "stored, and an import can be undone.",
    "/staff/waiting": "What comes due in staff records: contracts, probations, documents, retirement, birthdays, missing data.",
    "/staff/find": "Find whose ID number, mobile or account it is, by the whole number. That you asked is on the trail.",
    "/staff/fields": "What your company wants to know beyond the usual. Each field says who sees it.",
    "/staff/settings": "How long before its day something waits in a list, and how large a document may be.",
    "/away": "Who is on leave or a trip, by day. Others see that somebody is away, not why.",
    "/leave/balances": "What everybody has left on any day. The figure opens every movement with its reason.",
    "/leave/types": "Kinds of leave as dated rules with their source.",
    "/recalculate": "Work days out again, and see every difference before it counts.",
    "/jobs": "Work that takes longer than a page: it goes on when you leave, and can be found here.",
    "/flows": "Who approves what. Change a flow, ask it who would approve, publish; requests under way keep theirs.",
    "/accounts": "Who can sign in, with which roles. A role with power should have a second factor.",
    "/sign-in-ways": "Ways to sign in without a password: an OpenID provider, WeCom, DingTalk, Feishu. Accounts are linked first.",
    "/sign-in-codes": "One-time codes for people who sign in for the first time: print, cut, hand out.",
    "/privacy": "Consents, each purpose by itself, and everything that is held about somebody.",
    "/privacy/erasure": "What has been kept for its time. Erasing cannot be undone; it leaves a receipt.",
    "/templates-to-erase": "Templates of faces and fingers that must be erased at terminals: a consent was withdrawn, or somebody left.",
    "/privacy/keep-times": "How long each kind of data is kept after somebody left.",
    "/audit": "Who did what, when, with before and after. The chain shows whether a row was changed.",
    "/me": "Whether your punch counted, what is planned, and what is open. Ask for a correction from here.",
    "/me/requests": "Ask for leave, overtime, a correction, a trip, another shift. What stands in the way is said while you type.",
    "/me/month": "Your days of a month, each with its reasons.",
    "/approvals": "What waits for you. Approve or reject at once; open one for its course. On a desk: j and k walk, a approves, r rejects.",
    "/me/leave": "What you have left, until when, and how it came about.",
    "/me/periods": "Look at your month and say that it is right, or what is not.",
    "/me/record": "What the company knows of you. Ask for a change here; somebody approves it.",
    "/me/privacy": "What you agreed to, and everything that is held about you as a file.",
    "/notices": "What happened to your requests, and what is asked of you.",
}
"""By the address of the place."""
