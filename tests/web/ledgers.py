"""The ledger of commands, as the commands flow writes it."""

from datetime import UTC, datetime, timedelta

from connectors.sqlite import SqliteTable, open_database
from flows.ontology.command_ledger import (
    COLUMNS,
    COMMANDS,
    CONTROLS,
    INDEXES,
    TRANSITIONS,
    command_row,
    control_row,
    transition_row,
)
from flows.ontology.commands import Control, Status

KEYS = {COMMANDS: "name", TRANSITIONS: "transition", CONTROLS: "entity_id"}


class Ledger:
    def __init__(self, path):
        self.tables = {
            name: SqliteTable(name, COLUMNS[name], KEYS[name], indexes=INDEXES[name])
            for name in COLUMNS
        }
        for table in self.tables.values():
            open_database(path, table).close()
        marks = SqliteTable("projections", {"projection": str, "sequence": int}, "projection")
        self.database = open_database(path, marks)
        self.marks = marks

    def write(self, table, row):
        with self.database:
            self.database.execute(table.upsert, row)

    def say(self, status: Status):
        self.write(self.tables[TRANSITIONS], transition_row(status))
        self.write(self.tables[COMMANDS], command_row(status))

    def hold(self, control: Control):
        self.write(self.tables[CONTROLS], control_row(control))

    def reach(self, sequence):
        self.write(self.marks, {"projection": "commands", "sequence": sequence})


def status(command_id="c-1", number=1, state="queued", **more) -> Status:
    now = datetime.now(UTC)
    said = {
        "org_id": "north", "entity_id": "uav", "command": "hold", "previous": None, "at": now,
        "requested_at": now, "expires_at": now + timedelta(minutes=1), **more,
    }  # fmt: skip
    return Status(command_id=command_id, number=number, state=state, **said)
