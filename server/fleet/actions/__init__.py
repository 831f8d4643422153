"""What can be done with sites, edges and terminals."""

from server.fleet.actions.clocks import clock_rules, drift_history, set_clock_rule, tidy_drifts
from server.fleet.actions.edges import (
    add_edge,
    change_edge_state,
    edge_keys,
    edge_with_id,
    find_edge,
    known_edges,
    list_edges,
    replace_edge_key,
    site_of,
)
from server.fleet.actions.faces import many_faces_of, note_many_faces
from server.fleet.actions.health import record_cut, record_health
from server.fleet.actions.legal_entities import add_legal_entity, change_legal_entity, list_legal_entities
from server.fleet.actions.lines import open_lines, record_line
from server.fleet.actions.pushes import push_receipts, tidy_pushes
from server.fleet.actions.readings import readings, tidy_readings
from server.fleet.actions.roles import change_role, terminal_roles
from server.fleet.actions.settings import drop_terminal_settings, set_terminal_settings, setup_of, terminal_settings
from server.fleet.actions.setups import note_setup, setup_states, setups_waiting
from server.fleet.actions.sites import add_site, add_zone, list_sites, list_zones, own_zone
from server.fleet.actions.terminals import (
    add_terminal,
    change_terminal,
    find_terminal,
    list_terminals,
    note_provisioning,
    provisioning_version,
    put_out_of_service,
    serving_terminals,
    terminal_of_edge,
    terminals_of_edge,
)

__all__ = [
    "add_edge",
    "add_legal_entity",
    "add_site",
    "add_terminal",
    "add_zone",
    "change_edge_state",
    "change_legal_entity",
    "change_role",
    "change_terminal",
    "clock_rules",
    "drift_history",
    "drop_terminal_settings",
    "edge_keys",
    "edge_with_id",
    "find_edge",
    "find_terminal",
    "known_edges",
    "list_edges",
    "list_legal_entities",
    "list_sites",
    "list_terminals",
    "list_zones",
    "many_faces_of",
    "note_many_faces",
    "note_provisioning",
    "note_setup",
    "open_lines",
    "own_zone",
    "provisioning_version",
    "push_receipts",
    "put_out_of_service",
    "readings",
    "record_cut",
    "record_health",
    "record_line",
    "replace_edge_key",
    "serving_terminals",
    "set_clock_rule",
    "set_terminal_settings",
    "setup_of",
    "setup_states",
    "setups_waiting",
    "site_of",
    "terminal_of_edge",
    "terminal_roles",
    "terminal_settings",
    "terminals_of_edge",
    "tidy_drifts",
    "tidy_pushes",
    "tidy_readings",
]
