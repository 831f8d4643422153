"""What follows by itself when a consent ends: what is to be done, where, by whom. When all of it is, the withdrawal is carried out.

The server holds no templates, photos or locations, so nothing is left to do for a photo or a location. Templates lie in terminals: each
terminal of the groups in which the person has a number gets a task of its own, which names the number and nobody.
"""

from collections.abc import Collection
from datetime import date, datetime

from server.audit.actions import record
from server.audit.model import SERVER, Actor
from server.directory import actions as directory
from server.directory.actions.personal import left_before
from server.errors import NotFoundError
from server.fleet import actions as fleet
from server.hr.privacy import store
from server.hr.privacy.model import Consent, Purpose, Task, TaskKind
from server.storage import UnitOfWork


def begin(uow: UnitOfWork, ended: Consent, today: date, now: datetime) -> None:
    """Write down what has to be done now that a consent ended; carried out at once where nothing has."""
    tasks = _tasks(uow, ended, today)
    store.add_tasks(uow, ended.id, tasks, now)
    if not tasks:
        store.change_consent(uow, ended.id, carried_out_at=now, carried_out_by=SERVER.name)


def begin_for_leavers(uow: UnitOfWork, today: date, now: datetime) -> int:
    """The templates of who left and still had agreed to them: their purpose is fulfilled. Returns of how many people."""
    left = left_before(uow, today)
    ended = [one for one in store.holding(uow, Purpose.BIOMETRICS, None) if one.person_id in left]
    begun = {one.consent_id for one in store.tasks_of(uow, [one.id for one in ended])}
    new = [one for one in ended if one.id not in begun]
    for one in new:
        store.add_tasks(uow, one.id, _templates(uow, one.person_id, left[one.person_id]), now)
    return len(new)


def tasks_of(uow: UnitOfWork, consent_ids: Collection[int]) -> list[Task]:
    """What had to be done after these consents ended, and what of it is done."""
    return store.tasks_of(uow, consent_ids)


def open_templates(uow: UnitOfWork) -> list[Task]:
    """Templates that are still to be erased, terminal by terminal, for IT: numbers, and nobody's name."""
    return store.open_templates(uow)


def find_task(uow: UnitOfWork, task_id: int) -> Task:
    """Raises NotFoundError."""
    found = store.task_by_id(uow, task_id)
    if found is None:
        raise NotFoundError(what="task", name=task_id)
    return found


def end_task(uow: UnitOfWork, task_id: int, by: Actor, now: datetime) -> None:
    """It is done; the last one of a withdrawal carries it out. Repeating it changes nothing. Raises NotFoundError."""
    found = find_task(uow, task_id)
    if found.done_at is not None:
        return
    store.end_task(uow, task_id, by.name, now)
    ended = store.consent_by_id(uow, found.consent_id)
    if ended is not None and not ended.holds and all(one.done_at for one in store.tasks_of(uow, [ended.id])):
        store.change_consent(uow, ended.id, carried_out_at=now, carried_out_by=by.name)
    number = directory.numbers_of(uow, [found.person_id])[found.person_id]
    after = {"task": found.kind, "terminal": found.terminal_id, "terminal_user": found.terminal_user}
    record(uow, by, "consent.task", "person", number, at=now, after=after, people=(found.person_id,))
    templates = [one for one in store.tasks_of(uow, [found.consent_id]) if one.kind is TaskKind.TEMPLATE]
    if found.kind is TaskKind.TEMPLATE and all(one.done_at for one in templates):
        after = {"terminals": len({one.terminal_id for one in templates})}
        record(uow, by, "consent.templates-gone", "person", number, at=now, after=after, people=(found.person_id,))


def note_templates_gone(uow: UnitOfWork, terminal_id: int, terminal_user: str, now: datetime) -> None:
    """A terminal reported that it holds no template of a user any more: what was to be done there is done, without anybody's hand."""
    for one in store.open_templates_at(uow, terminal_id, terminal_user):
        end_task(uow, one.id, SERVER, now)


def _tasks(uow: UnitOfWork, ended: Consent, today: date) -> list[tuple[TaskKind, int | None, str]]:
    match ended.purpose:
        case Purpose.BIOMETRICS:
            return [*_templates(uow, ended.person_id, today), (TaskKind.OTHER_WAY, None, "")]
        case Purpose.HEALTH:
            return [(TaskKind.HEALTH, None, "")]
        case Purpose.THIRD_PARTY:
            return [(TaskKind.TOLD, None, "")]
        case Purpose.PHOTO_PROOF | Purpose.LOCATION:
            return []


def _templates(uow: UnitOfWork, person_id: int, day: date) -> list[tuple[TaskKind, int | None, str]]:
    """Terminals of the groups in which somebody has a number on a day, with the number."""
    held = [
        one
        for one in directory.see_person(uow, person_id)[1]
        if one.valid_from <= day and (one.valid_until is None or one.valid_until >= day)
    ]
    terminals = fleet.list_terminals(uow) if held else []
    return [
        (TaskKind.TEMPLATE, each.terminal.id, one.terminal_user)
        for one in held
        for each in terminals
        if each.terminal.zone_id == one.zone_id
    ]
