"""Commands about users and their fingers, in both dialects, and the rows that answer them. Pure.

    attendance   DATA UPDATE USERINFO PIN=.. | Name=.. | Pri=.. | Passwd=.. | Card=.. | Grp=..
                 DATA UPDATE FINGERTMP PIN=.. | FID=.. | Size=.. | Valid=1 | TMP=..
    security     DATA UPDATE user Pin=.. | Name=.. | CardNo=.. | Password=.. | Privilege=.. | Group=.. , and userauthorize
                 DATA UPDATE templatev10 Pin=.. | FingerID=.. | Valid=1 | Template=..

The fields of the security dialect have been tried on the simulator only.
"""

from base64 import b64decode, b64encode
from binascii import Error as NoBase64Error
from dataclasses import dataclass, field

from edge.devices.driver import TerminalUserRecord
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.lines import number_of, pairs_of
from edge.devices.iclock.protocol.records import UserTold

USER_BYTES = 24
FINGERS = range(10)


@dataclass(frozen=True, slots=True)
class FingerTold:
    """A finger that a terminal told of."""

    pin: str
    finger: int
    data: bytes = field(repr=False)


def fits(pin: str) -> bool:
    """Whether a command can name this user."""
    return bool(pin) and pin.isprintable() and not any(one in pin for one in "\t, =") and len(pin.encode()) <= USER_BYTES


def update_user(dialect: Dialect, user: TerminalUserRecord) -> list[str]:
    """Add a user, or change them. Empty: no card, no password, the group that all begin in, and verify as it is there."""
    if dialect is Dialect.ATTENDANCE:
        fields = {"PIN": user.user, "Name": user.name, "Pri": str(user.privilege), "Passwd": user.password, "Card": user.card}
        more = {"Grp": user.group or "1"} | ({"Verify": user.verify} if user.verify else {})
        return [f"DATA UPDATE USERINFO {_fields(fields | more)}"]
    fields = {"CardNo": user.card, "Pin": user.user, "Password": user.password, "Group": user.group or "0", "Name": user.name}
    rights = {"Pin": user.user, "AuthorizeTimezoneId": "1", "AuthorizeDoorId": "1"}
    return [f"DATA UPDATE user {_fields(fields | {'Privilege': str(user.privilege)})}", f"DATA UPDATE userauthorize {_fields(rights)}"]


def delete_user(dialect: Dialect, pin: str) -> list[str]:
    """Take a user away with all that is theirs."""
    if dialect is Dialect.ATTENDANCE:
        return [f"DATA DELETE USERINFO PIN={pin}"]
    return [f"DATA DELETE {table} Pin={pin}" for table in ("userauthorize", "templatev10", "user")]


def query_user(dialect: Dialect, pin: str) -> str:
    """Ask for one user."""
    return f"DATA QUERY USERINFO PIN={pin}" if dialect is Dialect.ATTENDANCE else _query("user", f"Pin={pin}")


def query_users(dialect: Dialect) -> str:
    """Ask for all of them."""
    return "DATA QUERY USERINFO" if dialect is Dialect.ATTENDANCE else _query("user", "*")


def update_finger(dialect: Dialect, pin: str, finger: int, data: bytes) -> str:
    """Bring a finger to a user who is there."""
    written = b64encode(data).decode()
    if dialect is Dialect.ATTENDANCE:
        return f"DATA UPDATE FINGERTMP PIN={pin}\tFID={finger}\tSize={len(written)}\tValid=1\tTMP={written}"
    return f"DATA UPDATE templatev10 Size={len(written)}\tPin={pin}\tFingerID={finger}\tValid=1\tTemplate={written}"


def delete_fingers(dialect: Dialect, pin: str) -> str:
    """Take all fingers of a user away."""
    return f"DATA DELETE FINGERTMP PIN={pin}" if dialect is Dialect.ATTENDANCE else f"DATA DELETE templatev10 Pin={pin}"


def query_fingers(dialect: Dialect, pin: str) -> str:
    """Ask for the fingers of a user."""
    return f"DATA QUERY FINGERTMP PIN={pin}" if dialect is Dialect.ATTENDANCE else _query("templatev10", f"Pin={pin}")


def differs(user: TerminalUserRecord, told: UserTold) -> str | None:
    """Which fields a terminal shows otherwise, without naming anybody; None where it shows what was wanted.

    Names may be cut; passwords are not told back by every firmware, cards in two notations.
    """
    shown = told.fields
    privilege = shown.get("pri", shown.get("privilege"))
    wrong = []
    if "name" in shown and not (shown["name"] == _clean(user.name) or (shown["name"] and _clean(user.name).startswith(shown["name"]))):
        wrong.append("name")
    if privilege is not None and privilege != str(user.privilege):
        wrong.append("privilege")
    return f"the terminal shows another {', '.join(wrong)}" if wrong else None


def read_finger(rest: str) -> FingerTold | None:
    """A row of a finger without its kind; None for one that makes no sense or is not valid."""
    fields = pairs_of(rest)
    finger, written = number_of(fields.get("fid") or fields.get("fingerid")), fields.get("tmp") or fields.get("template") or ""
    try:
        data = b64decode(written, validate=True)
    except (NoBase64Error, ValueError):
        return None
    pin = fields.get("pin", "")
    if finger is None or finger not in FINGERS or not fits(pin) or not data or fields.get("valid") == "0":
        return None
    return FingerTold(pin, finger, data)


def _query(table: str, which: str) -> str:
    return f"DATA QUERY tablename={table},fielddesc=*,filter={which}"


def _fields(values: dict[str, str]) -> str:
    return "\t".join(f"{name}={_clean(value)}" for name, value in values.items())


def _clean(value: str) -> str:
    """A field is one line without a TAB."""
    return "".join(one if one.isprintable() else " " for one in value).strip()
