"""What can be done with accounts and sessions."""

from server.access.actions.accounts import (
    accounts_of_person,
    change_password,
    change_roles,
    create_account,
    disable_account,
    enable_account,
    limit_role,
    link_account,
    people_with_role,
    reset_password,
    unlink_account,
)
from server.access.actions.passwords import generate_password, hash_password
from server.access.actions.sessions import end_session, load_session, sign_in, sign_out, token_hash

__all__ = [
    "accounts_of_person",
    "change_password",
    "change_roles",
    "create_account",
    "disable_account",
    "enable_account",
    "end_session",
    "generate_password",
    "hash_password",
    "limit_role",
    "link_account",
    "load_session",
    "people_with_role",
    "reset_password",
    "sign_in",
    "sign_out",
    "token_hash",
    "unlink_account",
]
