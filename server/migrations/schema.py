"""All tables of all areas in one MetaData, by importing them."""

from sqlalchemy import MetaData

import server.access.tables
import server.attendance.tables
import server.audit.tables
import server.directory.tables
import server.dispatch.areas.tables
import server.dispatch.orders.tables
import server.fleet.tables
import server.hr.approvals.tables
import server.hr.imports.tables
import server.hr.leave.tables
import server.hr.privacy.tables
import server.hr.requests.tables
import server.hr.staff.tables
import server.ingest.reconciliation.tables
import server.ingest.tables
import server.ingest.watch.tables
import server.jobs.tables
import server.notify.tables
import server.provisioning.tables
import server.roster.tables
import server.storage.keyed  # noqa: F401 - each import adds its tables
from server.storage import metadata

target_metadata: MetaData = metadata
