"""Tables of sites, edges and terminals. Rows are never deleted: punches and their evidence point at them."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

zone = Table(
    "zone",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    # the site whose own zone it is; a zone over several sites has none
    Column("site_id", ForeignKey("site.id"), index=True),
)

site = Table(
    "site",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("time_zone", String(64), nullable=False),
)

# the company, or each company of a group: who somebody's contract is with
legal_entity = Table(
    "legal_entity",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    # the unified social credit code (统一社会信用代码); empty where it is not known
    Column("unified_code", String(18), unique=True),
)

edge = Table(
    "edge",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("site_id", ForeignKey("site.id"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    CheckConstraint("state IN ('active', 'quarantined', 'revoked', 'replaced')", name="state"),
)

edge_key = Table(
    "edge_key",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("edge_id", ForeignKey("edge.id"), nullable=False, index=True),
    Column("key_id", String(16), nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("valid_from", UtcInstant, nullable=False),
    Column("valid_until", UtcInstant),
)

terminal = Table(
    "terminal",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("serial", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("site_id", ForeignKey("site.id"), nullable=False, index=True),
    Column("zone_id", ForeignKey("zone.id"), nullable=False, index=True),
    Column("edge_id", ForeignKey("edge.id"), index=True),
    Column("out_of_service_from", UtcInstant),
    Column("out_of_service_until", UtcInstant),
    Column("created_at", UtcInstant, nullable=False),
)

# what a terminal is for from a date on; none: for both. Before its first row a terminal is for both
terminal_role = Table(
    "terminal_role",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("first_day", PackedDate, primary_key=True, autoincrement=False),
    Column("role", String(16)),
    CheckConstraint("role IN ('entrance', 'exit')", name="role"),
)

# an edge's present line to the broker, as its hello opened it
edge_line = Table(
    "edge_line",
    metadata,
    Column("edge_id", ForeignKey("edge.id"), primary_key=True, autoincrement=False),
    Column("shard", String(8), nullable=False, index=True),
    # X25519, raw: what only this edge may read is sealed for it; none where its release has none
    Column("sealing_key", LargeBinary(32)),
    Column("opened_at", UtcInstant, nullable=False),
    # set when its last will said that the line is cut, cleared by what it says next
    Column("cut_at", UtcInstant),
)

edge_health = Table(
    "edge_health",
    metadata,
    Column("edge_id", ForeignKey("edge.id"), primary_key=True, autoincrement=False),
    Column("at", UtcInstant, nullable=False),
    Column("received_at", UtcInstant, nullable=False),
    # set when the edge's last will said that its line is cut, cleared by its next message
    Column("cut_at", UtcInstant),
    Column("body", JsonData, nullable=False),
)

terminal_health = Table(
    "terminal_health",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("edge_id", ForeignKey("edge.id"), nullable=False),
    Column("address", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("last_read_at", UtcInstant),
    Column("last_event_at", UtcInstant),
    Column("complete_at", UtcInstant),
    Column("complete_sequence", BigKey, nullable=False),
    Column("drift_ms", BigKey),
    Column("held", BigKey),
    Column("appended", BigKey, nullable=False),
    Column("cleared", BigKey),
    Column("doubtful", BigKey, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("stages", JsonData, nullable=False),
    Column("reported_at", UtcInstant, nullable=False),
    # what the terminal says of itself: driver, firmware, platform, mac, counts and capacities, as text
    Column("facts", JsonData, nullable=False),
)

# how an edge reaches a terminal; one without a row stands in its edge's own settings file, if anywhere
terminal_setting = Table(
    "terminal_setting",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("driver", String(16), nullable=False),
    Column("host", Text, nullable=False),
    Column("port", Integer, nullable=False),
    Column("transport", String(8), nullable=False),
    # the communication key, sealed by the vault; none where the terminal has none
    Column("sealed_key", LargeBinary),
    Column("poll_seconds", Integer, nullable=False),
    Column("layout", String(8), nullable=False),
    Column("source", String(64), nullable=False),
    Column("dialect", String(16), nullable=False),
    CheckConstraint("driver IN ('zkteco', 'pyzk', 'push')", name="driver"),
)

# the version of what this server tells an edge to be for, and the one that the edge said to have
edge_setup = Table(
    "edge_setup",
    metadata,
    Column("edge_id", ForeignKey("edge.id"), primary_key=True, autoincrement=False),
    Column("version", BigKey, nullable=False),
    Column("held", BigKey, nullable=False),
    Column("changed_at", UtcInstant, nullable=False),
)

# when the edges of a site set the clocks of its terminals by themselves; a site without a row never does
clock_rule = Table(
    "clock_rule",
    metadata,
    Column("site_id", ForeignKey("site.id"), primary_key=True, autoincrement=False),
    Column("corrects", Boolean, nullable=False),
    Column("tolerance_ms", BigKey, nullable=False),
    Column("most_ms", BigKey, nullable=False),
)

# measurements of clocks: where one changed, and once an hour
terminal_drift = Table(
    "terminal_drift",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("at", UtcInstant, primary_key=True),
    Column("drift_ms", BigKey, nullable=False),
    # the clock was set since the measurement before
    Column("corrected", Boolean, nullable=False),
)

# what edges read of terminals' logs: reads that came to the same stand in one row
terminal_reading = Table(
    "terminal_reading",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("first_at", UtcInstant, primary_key=True),
    Column("last_at", UtcInstant, nullable=False),
    Column("times", Integer, nullable=False),
    # of the last of them
    Column("milliseconds", BigKey, nullable=False),
    Column("declared", BigKey),
    Column("declared_bytes", BigKey, nullable=False),
    Column("received_bytes", BigKey, nullable=False),
    Column("decoded", BigKey, nullable=False),
    Column("doubtful", BigKey, nullable=False),
    Column("repeated", BigKey, nullable=False),
    Column("held", BigKey, nullable=False),
    Column("appended", BigKey, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("layout", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

# what terminals that push told, day by day and table by table; an edge that counts anew begins another row
terminal_pushed = Table(
    "terminal_pushed",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("day", PackedDate, primary_key=True, autoincrement=False),
    # as terminals name it
    Column("told", String(200), primary_key=True),
    Column("first_at", UtcInstant, primary_key=True),
    Column("last_at", UtcInstant, nullable=False),
    Column("bodies", BigKey, nullable=False),
    Column("refused", BigKey, nullable=False),
    Column("rows", BigKey, nullable=False),
    Column("punches", BigKey, nullable=False),
    Column("doubtful", BigKey, nullable=False),
    Column("appended", BigKey, nullable=False),
    Column("stamp", Text, nullable=False),
    # by the terminal's own count; none where it was not asked
    Column("missing", BigKey),
)

# legal entities with more people's faces stored than may go unnoticed; who counts writes them, and alarms read them
many_faces = Table(
    "many_faces",
    metadata,
    Column("id", BigKey, primary_key=True),
    # none for people of no contract
    Column("legal_entity_id", ForeignKey("legal_entity.id"), index=True),
    Column("people", Integer, nullable=False),
    Column("since", UtcInstant, nullable=False),
)

provisioning = Table(
    "provisioning",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # rises with every change of sites, edges, keys, terminals and enrolments, so that caches know when to read again
    Column("version", BigKey, nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)
