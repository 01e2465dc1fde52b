"""A ledger of commands as dictionaries, by the rules of the one on the disk."""

from connectors.ledger import Cut, Entry, Mark, Prune, Sweep
from connectors.projection import Record
from flows.ontology.command_ledger import COLUMNS, NEWER

KEYS = {table: next(iter(columns)) for table, columns in COLUMNS.items()}


class Book:
    def __init__(self) -> None:
        self.tables: dict[str, dict[str, dict]] = {table: {} for table in COLUMNS}
        self.mark = 0

    def write(self, entry: Entry) -> None:
        match entry:
            case Mark():
                self.mark = max(self.mark, entry.sequence)
            case Sweep():
                for table in self.tables:
                    self._drop(table, lambda row: row[entry.column] == entry.value)
            case Cut():
                self._drop(entry.table, lambda row: _is_cut(row, entry))
            case Prune():
                self._drop(entry.table, lambda row: _is_pruned(row, entry))
            case Record() if entry.table in self.tables:
                rows, key = self.tables[entry.table], entry.row[KEYS[entry.table]]
                if key not in rows or entry.row[NEWER] >= rows[key][NEWER]:
                    rows[key] = dict(entry.row)

    def _drop(self, table, goes) -> None:
        rows = self.tables[table]
        self.tables[table] = {key: row for key, row in rows.items() if not goes(row)}


def _is_cut(row: dict, cut: Cut) -> bool:
    return row[cut.column] == cut.value and row[cut.newer] > cut.number


def _is_pruned(row: dict, prune: Prune) -> bool:
    among = all(row[name] == value for name, value in prune.where.items())
    return among and row[prune.column] not in prune.kept
