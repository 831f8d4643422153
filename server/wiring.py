"""Builds things from settings. Nothing else knows how the parts belong together."""

from datetime import datetime, timedelta

from protocol.messages import Bye, Health, Message
from server.broker.authority import Authority, Role
from server.fleet import actions as fleet
from server.ingest.admit import Admission
from server.ingest.provisioned import Provisioned
from server.ingest.sift import Limits
from server.ingest.subscriber import BrokerAddress, IngestWorker
from server.migrations import require_current
from server.settings import IngestSettings, ServerSettings
from server.storage import Database, UnitOfWork


def build_database(settings: ServerSettings) -> Database:
    return Database(settings.resolved_database_url)


def build_worker(settings: ServerSettings, name: str) -> IngestWorker:
    """An ingest worker with a certificate of its own. Raises when the keys are missing or the database is not current."""
    authority = Authority(settings.keys_dir)
    signer = authority.signer()
    broker = BrokerAddress(settings.broker.connect_host, settings.broker.port, authority.tool(name, Role.INGEST))
    database = build_database(settings)
    require_current(database)
    admission = Admission(database, name, Provisioned(database), limits_of(settings.ingest), take_other)
    return IngestWorker(name, broker, database, admission, signer)


def limits_of(settings: IngestSettings) -> Limits:
    return Limits(future=timedelta(minutes=settings.future_minutes), past=timedelta(days=settings.past_days))


def take_other(uow: UnitOfWork, edge_id: int, message: Message, now: datetime) -> None:
    """Messages that carry no rows."""
    match message:
        case Health():
            fleet.record_health(uow, edge_id, message, now)
        case Bye():
            fleet.record_cut(uow, edge_id, now)
