"""Builds things from settings. Nothing else knows how the parts belong together."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from fastapi import FastAPI

from protocol.messages import Bye, Health, Hello, Message, OrderKind
from protocol.sealing import Opener
from server.access.actions import personal as of_access
from server.attendance import actions as attendance
from server.attendance.actions import personal as of_attendance_days
from server.attendance.jobs import DayWorker, closing, trials
from server.audit import actions as audit, jobs as audit_jobs
from server.audit.model import SERVER, Actor
from server.broker.authority import Authority, Role, tool_name
from server.directory import actions as directory
from server.directory.actions import personal as of_directory
from server.dispatch.areas import actions as dispatch_areas
from server.dispatch.areas.actions import personal as of_areas
from server.dispatch.areas.courier import AreasCourier
from server.dispatch.areas.jobs import AreaWorker
from server.dispatch.orders import actions as orders
from server.dispatch.orders.model import Targets
from server.errors import RefusedError, ServerError
from server.fleet import actions as fleet
from server.hr.approvals import jobs as approval_jobs, model as approvals
from server.hr.approvals.actions import daily_lines, personal as of_approval
from server.hr.imports import jobs as import_jobs
from server.hr.imports.actions.personal import imports_about
from server.hr.leave import actions as leave, jobs as leave_jobs
from server.hr.leave.actions import personal as of_leave
from server.hr.privacy import actions as privacy, jobs as privacy_jobs
from server.hr.privacy.actions import personal as of_privacy
from server.hr.requests import actions as requests, jobs as request_jobs
from server.hr.requests.actions import personal as of_requests
from server.hr.staff import actions as staff, jobs as staff_jobs
from server.hr.staff.actions import personal as of_staff
from server.ingest.actions import personal as of_quarantine, resolving
from server.ingest.actions.listing import QuarantineFilter
from server.ingest.admit import Admission
from server.ingest.board import Pending
from server.ingest.courier import Courier
from server.ingest.files import jobs as file_jobs
from server.ingest.provisioned import Provisioned
from server.ingest.reconciliation.courier import ReconciliationCourier
from server.ingest.reconciliation.jobs import ReconciliationWorker
from server.ingest.sift import Limits
from server.ingest.store import mark_of
from server.ingest.subscriber import BrokerAddress, IngestWorker
from server.ingest.watch import jobs as watch_jobs
from server.ingest.watch.actions import Office
from server.jobs import actions as jobs
from server.jobs.kinds import JobKind, Schedule
from server.jobs.runner import Runner
from server.jobs.together import Together
from server.logs import set_up_logging
from server.migrations import require_current
from server.notify import actions as notify
from server.notify.jobs import Carrier, Post
from server.provisioning.actions import Entrance, note_hello
from server.roster.actions import personal as of_roster
from server.settings import IngestSettings, ServerSettings, SettingsError, load_settings
from server.storage import Database, UnitOfWork, require_key
from server.storage.vault import read_vault

APPROVAL_HANDLERS: approvals.Handlers = {requests.SUBJECT: requests.RequestHandler(), "own-data": staff.OwnDataHandler()}
"""What approvals ask the areas that hand something in, by kind of subject."""
HOLDINGS = (
    *of_directory.HOLDINGS,
    *of_staff.HOLDINGS,
    *of_roster.HOLDINGS,
    *of_attendance_days.HOLDINGS,
    *of_quarantine.HOLDINGS,
    *of_leave.HOLDINGS,
    *of_requests.HOLDINGS,
    *of_approval.HOLDINGS,
    *of_areas.HOLDINGS,
    *of_access.HOLDINGS,
    *notify.HOLDINGS,
    *audit.HOLDINGS,
    *of_privacy.HOLDINGS,
)
"""Where data about people lies, in the order in which somebody reads it about themselves."""
JOB_KINDS: tuple[JobKind, ...] = (
    *audit_jobs.KINDS,
    *trials.KINDS,
    *closing.KINDS,
    *leave_jobs.KINDS,
    *approval_jobs.kinds(APPROVAL_HANDLERS),
)
"""Every kind of long work, from the areas' `jobs.py`."""
AREAS_WITH_PAGES = (
    "access",
    "audit",
    "notify",
    "directory",
    "roster",
    "attendance",
    "ingest",
    "provisioning",
    "hr/requests",
    "dispatch/areas",
    "dispatch/orders",
    "hr/leave",
    "hr/staff",
    "hr/privacy",
    "hr/approvals",
    "hr/imports",
    "support",
)
TEMPLATES = tuple(Path(__file__).parent / area / "templates" for area in AREAS_WITH_PAGES)


def build_database(settings: ServerSettings) -> Database:
    return Database(settings.resolved_database_url, read_vault(settings.keys_dir))


def ready_database(settings: ServerSettings) -> Database:
    """The database, at the revision that this program needs, with the key that belongs to it. Raises StorageError."""
    database = build_database(settings)
    try:
        require_current(database)
        require_key(database)
    except BaseException:
        database.close()
        raise
    return database


def build_worker(settings: ServerSettings, name: str) -> IngestWorker:
    """An ingest worker with a certificate of its own. Raises when the keys are missing or the database is not current."""
    database = ready_database(settings)  # first: it knows whether the key that seals the others is its own
    authority = Authority(settings.keys_dir)
    signer = authority.signer()
    keys = authority.tool(name, Role.INGEST)
    authority.require_sound(name)
    host, port = settings.broker.connect_host, settings.broker.port
    broker = BrokerAddress(host, port, tool_name(name), keys.authority, keys.certificate, keys.key)
    couriers = build_couriers(database)
    admission = Admission(database, name, Provisioned(database), limits_of(settings.ingest), take_other, couriers)
    return IngestWorker(name, broker, database, admission, signer, couriers)


def build_couriers(database: Database) -> Sequence[Courier]:
    """What a worker carries to edges and back beside punches and receipts. Without the vault's key no templates come up."""
    opener = Opener(database.vault.secret("templates")) if database.vault else None
    setups = orders.SetupCourier(opener.public if opener else b"")
    return (setups, orders.OrderCourier(), AreasCourier(opener, privacy.note_templates_gone), ReconciliationCourier())


def hand_over_again(uow: UnitOfWork, terminal_id: int, days: Sequence[date], at: datetime) -> int | None:
    """Order days of a terminal again that this server has less of than its edge; None where nobody can be asked."""
    one = fleet.find_terminal(uow, terminal_id)
    targets, typed = Targets(str(one.terminal.serial), (terminal_id,)), {"dates": ",".join(map(str, days))}
    try:
        return orders.give_order(uow, OrderKind.RE_READ, targets, typed, SERVER, at)
    except RefusedError:
        return None


def build_runner(settings: ServerSettings, name: str) -> Runner:
    """A runner of long work. Raises StorageError when the database is not current."""
    database = ready_database(settings)
    if database.dialect == "sqlite":
        Database(settings.carrier_url).make_file()
    kinds = (
        *JOB_KINDS,
        *import_jobs.kinds(database, replays(limits_of(settings.ingest))),
        *file_jobs.kinds(limits_of(settings.ingest)),
        *privacy_jobs.kinds(HOLDINGS, of_staff.files, imports_about, settings.time_zone),
    )
    carrier = build_carrier(settings)
    kinds = (*kinds, *carrier.kinds)
    schedules = [*schedules_of(settings), *carrier.schedules(settings.time_zone), *watch_jobs.schedules(build_office(settings))]
    if settings.mail.host:
        post = build_post(settings)
        kinds, schedules = (*kinds, *post.kinds), [*schedules, *post.schedules(settings.time_zone)]
    return Runner(database, kinds, schedules, name, settings.carrier_url)


def build_post(settings: ServerSettings) -> Post:
    """What sends letters, to the addresses in the staff records."""
    from server.web.language import translator

    return Post(settings.mail, settings.company.name, translator(settings.language), staff.mail_addresses, (daily_lines,))


def build_carrier(settings: ServerSettings) -> Carrier:
    """What tells the world outside, by mail and webhook."""
    from server.web.language import translator

    return Carrier(settings.mail, settings.company.name, translator(settings.language), settings.alarms.webhook_hosts)


def build_office(settings: ServerSettings) -> Office:
    """In whose name alarms are told."""
    from server.web.language import translator

    zone, pages = ZoneInfo(settings.time_zone), settings.web.address or settings.mail.pages
    return Office(settings.company.name, translator(settings.language), zone, pages)


def build_day_worker(settings: ServerSettings, name: str) -> Together:
    """A worker of attendance days, with those of terminals' users and of comparisons; a company without rules begins with the office set.

    Raises StorageError.
    """
    from server.web.language import translator

    database = ready_database(settings)
    attendance.begin_with_rules(database, datetime.now(UTC), translator(settings.language))
    areas, counts = AreaWorker(database, privacy.biometric_consents), ReconciliationWorker(database, hand_over_again)
    return Together((DayWorker(database, name), areas, counts))


def schedules_of(settings: ServerSettings) -> Sequence[Schedule]:
    """What begins by the clock, on the company's."""
    zone = settings.time_zone
    return [
        Schedule("tidy-jobs", "15 3 * * *", zone, jobs.tidy),
        Schedule("tidy-notices", "10 3 * * *", zone, notify.tidy),
        Schedule("tidy-drifts", "20 3 * * *", zone, fleet.tidy_drifts),
        Schedule("count-faces", "*/10 * * * *", zone, dispatch_areas.note_faces),
        Schedule("tidy-readings", "25 3 * * *", zone, fleet.tidy_readings),
        Schedule("tidy-pushes", "35 3 * * *", zone, fleet.tidy_pushes),
        *audit_jobs.schedules(zone),
        *trials.schedules(zone),
        *approval_jobs.schedules(APPROVAL_HANDLERS, zone),
        *leave_jobs.schedules(zone),
        *request_jobs.schedules(zone),
        *staff_jobs.schedules(zone),
        *import_jobs.schedules(zone),
        *file_jobs.schedules(zone),
        *privacy_jobs.schedules(zone),
        Schedule("templates-gone", "35 * * * *", zone, note_templates_gone),
    ]


def note_templates_gone(uow: UnitOfWork, at: datetime) -> None:
    """What was reported before anybody had to look after it: terminals lose the templates of who left before the night lists them."""
    open_ones = [(one.terminal_id, one.terminal_user) for one in privacy.open_templates(uow) if one.terminal_id is not None]
    for terminal_id, user in dispatch_areas.without_templates(uow, open_ones):
        privacy.note_templates_gone(uow, terminal_id, user, at.astimezone(UTC))


def build_web() -> FastAPI:
    """The pages and the API, for uvicorn; settings come from the file that the environment names. Why they cannot be is one log line."""
    set_up_logging()
    try:
        settings = load_settings()
        set_up_logging(settings.data_dir)
        return build_pages(settings)
    except (ServerError, SettingsError) as error:
        structlog.get_logger().error("the pages cannot start", error=str(error))
        raise SystemExit(2) from error


def build_pages(settings: ServerSettings) -> FastAPI:
    """Every area's pages around one database. Raises StorageError when the database is not current."""
    from server.access import pages as access
    from server.access.model import Match, Role as AccountRole
    from server.access.providers import providers_of
    from server.attendance import pages as attendance_pages, routes as attendance_routes
    from server.attendance.pages.own import entries as of_own_days
    from server.attendance.pages.waiting import work_lists as of_attendance
    from server.audit import pages as audit_pages
    from server.directory import actions as directory_actions, pages as directory
    from server.directory.actions import person_with_number
    from server.directory.pages.gate import people_called, require_person
    from server.dispatch.areas import pages as area_pages, routes as area_routes
    from server.dispatch.orders import pages as order_pages, routes as order_routes
    from server.hr.approvals import pages as approval_pages, routes as approval_routes
    from server.hr.approvals.pages.waiting import entries as own_approvals, work_lists as of_approvals
    from server.hr.imports import pages as import_pages
    from server.hr.leave import pages as leave, routes as leave_routes
    from server.hr.privacy import pages as privacy_pages
    from server.hr.requests import pages as request_pages, routes as request_routes
    from server.hr.staff import actions as staff_actions, pages as staff_pages, routes as staff_routes
    from server.ingest import (
        alarm_routes,
        enrolment_routes,
        fleet_routes,
        pages as ingest,
        reconciliation_routes,
        routes as ingest_routes,
        service,
    )
    from server.notify import pages as notices
    from server.provisioning import pages as provisioning_pages, routes as provisioning_routes
    from server.roster import pages as roster, routes as roster_routes
    from server.support import pages as support
    from server.web import long_work
    from server.web.app import create_app
    from server.web.shell import Shell

    database = ready_database(settings)
    shell = Shell(settings.company.name, settings.time_zone, settings.language, TEMPLATES, version("clockbridge"))
    areas = (
        access,
        audit_pages,
        notices,
        directory,
        staff_pages,
        staff_routes,
        import_pages,
        privacy_pages,
        roster,
        roster_routes,
        attendance_pages,
        attendance_routes,
        approval_pages,
        approval_routes,
        request_pages,
        request_routes,
        leave,
        leave_routes,
        provisioning_pages,
        ingest,
        ingest_routes,
        fleet_routes,
        alarm_routes,
        reconciliation_routes,
        enrolment_routes,
        area_pages,
        area_routes,
        order_pages,
        order_routes,
        provisioning_routes,
        service,
        long_work,
        support,
    )
    app = create_app(shell, access.identify(database), [area.router for area in areas], tls=settings.web.tls)
    app.state.settings, app.state.database, app.state.require_person = settings, database, require_person
    app.state.sign_in_names = (person_with_number, staff_actions.person_with_mobile, staff_actions.person_with_mail)
    app.state.providers, app.state.pages_address = providers_of(settings), settings.web.address
    app.state.claim_finders = {Match.EMPLOYEE_NUMBER: person_with_number, Match.MAIL: staff_actions.person_with_mail}
    app.state.people_within, app.state.people_called = directory_actions.people_within, people_called
    app.state.trail_foot, app.state.guarded_roles = audit_pages.foot, frozenset(map(AccountRole, settings.web.second_factor))
    app.state.require_current, app.state.signer = _requirement(database), Authority(settings.keys_dir).signer
    app.state.entrance, app.state.limits = entrance_of(settings), limits_of(settings.ingest)
    app.state.unread, app.state.mail = notices.unread_of, bool(settings.mail.host)
    app.state.office, app.state.webhook_hosts = build_office(settings), settings.alarms.webhook_hosts
    app.state.pending_work, app.state.legal_entities = (users_on_their_way, orders_on_their_way), fleet.list_legal_entities
    app.state.biometric_consents, app.state.after_enrolment = privacy.biometric_consents, replays(app.state.limits)
    app.state.after_terminal, app.state.roster_leave = replays_of_terminal(app.state.limits), attendance.leave_days
    app.state.approval_handlers = APPROVAL_HANDLERS
    app.state.own_entries = (
        of_own_days,
        own_approvals,
        request_pages.entries,
        leave.entries,
        staff_pages.entries,
        privacy_pages.entries,
        notices.entries,
    )
    app.state.person_cards = (leave.person_card, request_pages.person_card, area_pages.person_card)
    app.state.holdings, app.state.approval_kinds = HOLDINGS, leave_kinds
    app.state.work_lists = (
        audit_pages.work_lists,
        of_approvals,
        request_pages.work_lists,
        of_attendance,
        leave.work_lists,
        staff_pages.work_lists,
        privacy_pages.work_lists,
        area_pages.work_lists,
        ingest.work_lists,
    )
    return app


def users_on_their_way(uow: UnitOfWork) -> dict[int, Pending]:
    """For the board of the fleet: people who are to be brought to a terminal, or taken off."""
    return {terminal: Pending(users=count) for terminal, count in dispatch_areas.pending_users(uow).items()}


def orders_on_their_way(uow: UnitOfWork) -> dict[int, Pending]:
    """For the board of the fleet: orders without an end."""
    return {terminal: Pending(orders=count) for terminal, count in orders.pending_orders(uow, datetime.now(UTC)).items()}


def leave_kinds(uow: UnitOfWork, language: str) -> dict[str, str]:
    """The kinds of leave as approval flows know them, with their names in a language."""
    types = leave.leave_types(uow, directory.today_of(uow, datetime.now(UTC)))
    return {f"leave.{one.code}": one.terms.name_zh if language == "zh" else one.terms.name_en for one in types}


def _requirement(database: Database) -> Callable[[], None]:
    return lambda: require_current(database)


def replays(limits: Limits) -> Callable[[UnitOfWork, Actor, datetime], object]:
    """What imports do when people became terminal users: punches that were kept back for want of them are replayed."""
    return lambda uow, by, now: resolving.replay_enrolled(uow, limits, by, now)


def entrance_of(settings: ServerSettings) -> Entrance:
    """What boxes are answered with that become edges."""
    broker = settings.broker
    return Entrance(Authority(settings.keys_dir), broker.names[0], broker.port, settings.edges.renew_expired)


def replays_of_terminal(limits: Limits) -> Callable[[UnitOfWork, str, Actor, datetime], object]:
    """What adding a terminal does: rows that were kept back because nobody knew it are tried again."""
    why = "the terminal was added"
    return lambda uow, serial, by, now: resolving.replay(uow, QuarantineFilter(terminal=serial), limits, by, now, reason=why)


def limits_of(settings: IngestSettings) -> Limits:
    return Limits(future=timedelta(minutes=settings.future_minutes), past=timedelta(days=settings.past_days))


def take_other(uow: UnitOfWork, edge_id: int, message: Message, now: datetime) -> None:
    """Messages that carry no rows."""
    fleet.record_line(uow, edge_id, message, now)
    match message:
        case Hello():
            note_hello(uow, edge_id, message, now)
        case Health():
            fleet.record_health(uow, edge_id, message, now)
            attendance.note_health(uow, message, mark_of(uow, edge_id), now)
        case Bye():
            fleet.record_cut(uow, edge_id, now)
