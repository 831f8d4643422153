"""`/privacy`: the register of consents for HR, texts in versions, and one person's consents and files."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.audit.model import CONCERNS
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.fleet import actions as fleet
from server.hr.privacy import actions as privacy, store
from server.hr.privacy.model import Purpose, Task, TaskKind, TextTerms, Way
from server.hr.privacy.pages.common import FOLLOWS, KINDS, MANAGES, PURPOSES, REFUSALS, managed, scope_of, today_of, within
from server.hr.privacy.pages.own import export_answer
from server.storage import UnitOfWork
from server.web.asking import database_of, may, now, said, shell_of, whole, words
from server.web.export import table_answer
from server.web.language import language_of
from server.web.visitor import needs
from server.web.waiting import Waiting

router = APIRouter()
Text = Annotated[str, Form()]


def work_lists(request: Request, uow: UnitOfWork) -> Iterable[Waiting]:
    """Templates to erase, for IT; withdrawals to carry out, and data that is kept for longer than it may be, for HR."""
    if may(request, Permission.CHANGE_FLEET) and (n := len(privacy.open_templates(uow))):
        yield Waiting("wrong", words(request)("Templates to erase at terminals: {n}", n=n), "/templates-to-erase")
    if not (may(request, Permission.MANAGE_PRIVACY) and may(request, Permission.SEE_PEOPLE)):
        return
    tell, whom = words(request), within(request)
    if n := len(privacy.to_carry_out(uow, whom)):
        yield Waiting("wrong", tell("Withdrawn consents to carry out: {n}", n=n), "/privacy")
    if n := sum(store.counted(uow, list(KINDS), whom).values()):
        yield Waiting("attention", tell("Personal data to erase: {n}", n=n), "/privacy/erasure")


@router.get("/privacy", dependencies=MANAGES)
def register_page(request: Request, number: str = "") -> Response:
    with database_of(request).reading() as uow:
        person = directory.find_person(uow, number.strip()) if number.strip() else None
        if person is not None and directory.is_within(uow, scope_of(request), person.id, today_of(request)):
            return RedirectResponse(f"/privacy/people/{person.id}", 303)
        whom = within(request)
        texts = privacy.texts(uow)
        open_ones = privacy.to_carry_out(uow, whom)
        facts: dict[str, Any] = {
            "texts": texts,
            "latest": privacy.latest_texts(uow),
            "agreed": {purpose: len(store.holding(uow, purpose, whom)) for purpose in {one.purpose for one in texts}},
            "open": open_ones,
            "tasks": privacy.tasks_of(uow, [one.id for one in open_ones]),
            "terminals": {one.terminal.id: one.terminal for one in fleet.list_terminals(uow)},
            "names": directory.names_of(uow, {one.person_id for one in open_ones}),
            "numbers": directory.numbers_of(uow, {one.person_id for one in open_ones}),
        }
    wrong = words(request)("There is nobody with this employee number.") if number.strip() else ""
    return shell_of(request).page(
        request,
        "privacy/register.html",
        purposes=PURPOSES,
        follows=FOLLOWS,
        wrong=wrong,
        number=number,
        **facts,
        trail_of=(("consent-text", ""),),
    )


@router.get("/privacy/consents.csv", dependencies=MANAGES)
@router.get("/privacy/consents.xlsx", dependencies=MANAGES)
def consents_table(request: Request) -> Response:
    """Who has agreed to which version, when and how."""
    tell = words(request)
    heading = [tell(one) for one in ("Employee number", "Name", "Purpose", "Version", "Agreed at", "How")]
    with database_of(request).reading() as uow:
        found = [one for purpose in Purpose for one in store.holding(uow, purpose, within(request))]
        names, numbers = (ask(uow, {one.person_id for one in found}) for ask in (directory.names_of, directory.numbers_of))
    ways = {Way.SIGNED_IN: tell("signed in"), Way.PAPER: tell("on paper")}
    rows = [
        (numbers[one.person_id], names[one.person_id], tell(PURPOSES[one.purpose]), one.version, one.agreed_at, ways[one.way])
        for one in found
    ]
    return table_answer(request, tell("Consents"), heading, rows)


@router.get("/privacy/texts/new", dependencies=MANAGES)
def text_form(request: Request, purpose: str = Purpose.BIOMETRICS.value) -> Response:
    with database_of(request).reading() as uow:
        latest = privacy.latest_texts(uow).get(Purpose(purpose)) if purpose in set(Purpose) else None
    return _text_page(request, purpose, latest.terms if latest else TextTerms("", "", "", "", ""))


@router.post("/privacy/texts/new", dependencies=MANAGES)
def publish(
    request: Request, purpose: Text = "", why: Text = "", what: Text = "", how_long: Text = "", who: Text = "", otherwise: Text = ""
) -> Response:
    terms = TextTerms(why, what, how_long, who, otherwise)
    try:
        if purpose not in set(Purpose):
            raise InvalidInputError(field="purpose", reason="choose one that the list offers")
        with database_of(request).writing() as uow:
            privacy.publish_text(uow, Purpose(purpose), terms, actor_of(request), now())
    except REFUSALS as error:
        return _text_page(request, purpose, terms, error)
    return RedirectResponse("/privacy", 303)


@router.post("/privacy/consents/{consent_id:int}/done", dependencies=MANAGES)
def carry_out(request: Request, consent_id: int, reason: Text = "") -> Response:
    with database_of(request).writing() as uow:
        found = privacy.carry_out(uow, consent_id, reason, actor_of(request), now())
        managed(request, uow, found.person_id)
    return RedirectResponse("/privacy", 303)


@router.post("/privacy/tasks/{task_id:int}/done", dependencies=MANAGES)
def end_task(request: Request, task_id: int) -> Response:
    """HR did what follows a withdrawal, or has seen that IT did."""
    with database_of(request).writing() as uow:
        managed(request, uow, privacy.find_task(uow, task_id).person_id)
        privacy.end_task(uow, task_id, actor_of(request), now())
    return RedirectResponse("/privacy", 303)


@router.get("/templates-to-erase", dependencies=[needs(Permission.CHANGE_FLEET)])
def templates_page(request: Request) -> Response:
    """For IT: at which terminals templates of which numbers are to be erased; it shows nobody."""
    with database_of(request).reading() as uow:
        open_ones = privacy.open_templates(uow)
        terminals = {one.terminal.id: one for one in fleet.list_terminals(uow)}
    return shell_of(request).page(request, "privacy/templates.html", tasks=open_ones, terminals=terminals)


@router.post("/templates-to-erase/{task_id:int}", dependencies=[needs(Permission.CHANGE_FLEET)])
def template_erased(request: Request, task_id: int) -> Response:
    with database_of(request).writing() as uow:
        if privacy.find_task(uow, task_id).kind is not TaskKind.TEMPLATE:
            raise NotFoundError(what="task", name=task_id)
        privacy.end_task(uow, task_id, actor_of(request), now())
    return RedirectResponse("/templates-to-erase", 303)


@router.get("/privacy/people/{person_id:int}", dependencies=MANAGES)
def person_page(request: Request, person_id: int) -> Response:
    with database_of(request).reading() as uow:
        facts: dict[str, Any] = {
            "subject": managed(request, uow, person_id),
            "latest": privacy.latest_texts(uow),
            "consents": privacy.consents_of(uow, person_id),
            "exports": privacy.exports_of(uow, person_id, request.state.visitor.login),
            "templates": _templates_of(uow, person_id),
            "terminals": {one.terminal.id: one.terminal for one in fleet.list_terminals(uow)},
            "holds": [one for one in privacy.holds(uow, within(request)) if one.person_id == person_id],
        }
    return shell_of(request).page(
        request,
        "privacy/person.html",
        purposes=PURPOSES,
        follows=FOLLOWS,
        **facts,
        trail_of=(("person", facts["subject"].employee_number), (CONCERNS, str(person_id))),
    )


@router.post("/privacy/people/{person_id:int}/agree", dependencies=MANAGES)
def record_paper(request: Request, person_id: int, text: Annotated[str, Form()] = "") -> Response:
    with database_of(request).writing() as uow:
        managed(request, uow, person_id)
        privacy.agree(uow, person_id, whole(text, "text") or 0, Way.PAPER, actor_of(request), now())
    return RedirectResponse(f"/privacy/people/{person_id}", 303)


@router.post("/privacy/people/{person_id:int}/withdraw", dependencies=MANAGES)
def record_withdrawal(request: Request, person_id: int, consent: Annotated[str, Form()] = "") -> Response:
    with database_of(request).writing() as uow:
        managed(request, uow, person_id)
        privacy.withdraw(uow, whole(consent, "consent") or 0, actor_of(request), now(), of=person_id)
    return RedirectResponse(f"/privacy/people/{person_id}", 303)


@router.post("/privacy/people/{person_id:int}/export", dependencies=MANAGES)
def ask_export(request: Request, person_id: int) -> Response:
    with database_of(request).writing() as uow:
        managed(request, uow, person_id)
        privacy.ask_export(uow, person_id, language_of(request, shell_of(request).language), actor_of(request), now())
    return RedirectResponse(f"/privacy/people/{person_id}", 303)


@router.get("/privacy/exports/{export_id:int}", dependencies=MANAGES)
def fetch_export(request: Request, export_id: int) -> Response:
    """Only what one asked for oneself, of people whose data one still manages."""
    with database_of(request).reading() as uow:
        managed(request, uow, privacy.find_export(uow, export_id, request.state.visitor.login).person_id)
    return export_answer(request, export_id)


def _templates_of(uow: UnitOfWork, person_id: int) -> list[Task]:
    """Where somebody's templates had to be erased, and what became of it, the latest first."""
    tasks = privacy.tasks_of(uow, [one.id for one in privacy.consents_of(uow, person_id)])
    return [one for one in reversed(tasks) if one.kind is TaskKind.TEMPLATE]


def _text_page(request: Request, purpose: str, terms: TextTerms, error: ServerError | None = None) -> Response:
    wrong, status = (said(request, error), error.status) if error else ("", 200)
    return shell_of(request).page(request, "privacy/text.html", status, purpose=purpose, terms=terms, purposes=PURPOSES, wrong=wrong)
