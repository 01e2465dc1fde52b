"""What the windows of a lake have to be: SQL over the rows of its messages, and nothing of ours."""

import re

from flows.ontology.signals import FAMILIES, SIGNALS

PATHS = {each.column: each.path for each in SIGNALS if each.kind in ("number", "integer")}
# Those that have no columns are told apart by how their paths look.
CODES = "|".join(
    re.escape(each.path).replace(r"\{n\}", "[0-9]+") for each in FAMILIES if each.kind == "code"
)

# Each number that was measured: those of columns, and those that have none of their own.
_SAMPLES = f"""
    SELECT entity_id, source, seq, epoch_us(ts) AS us, signal, value FROM (
        UNPIVOT (
            SELECT entity_id, source, seq, ts,
                {", ".join(f'"{column}"::DOUBLE AS "{path}"' for column, path in PATHS.items())}
            FROM telemetry
        ) ON {", ".join(f'"{path}"' for path in PATHS.values())} INTO NAME signal VALUE value
    )
    UNION ALL
    SELECT entity_id, source, seq, epoch_us(ts), key, value::DOUBLE
    FROM telemetry, json_each(others) WHERE type IN ('DOUBLE', 'BIGINT', 'UBIGINT')
        AND NOT regexp_full_match(key, '{CODES}')
"""
EXPECTED = f"""
    WITH samples AS ({_SAMPLES}),
    placed AS (
        SELECT *, us - us % (seconds * 1000000) AS begin, lead(us) OVER (
            PARTITION BY entity_id, source, signal, seconds, begin ORDER BY us, seq
        ) AS until
        FROM samples, (VALUES (1), (10), (60)) AS lengths(seconds)
    )
    SELECT entity_id, source, signal, seconds::SMALLINT AS seconds, make_timestamp(begin) AS start,
        count(*) AS count, min(value) AS min, max(value) AS max, avg(value) AS mean,
        stddev_samp(value) AS stddev,
        list_sort(list(value))[(95 * count(*) + 99) // 100] AS p95,
        CASE WHEN max(us) > min(us)
            THEN sum(value * (until - us)) / (max(us) - min(us)) ELSE avg(value)
        END AS time_weighted,
        arg_max(value, (us, seq)) AS last
    FROM placed GROUP BY ALL
"""
EXPECTED_COUNTS = f"SELECT count(*), sum(count) FROM ({EXPECTED})"
COUNTS = "SELECT count(*), sum(count) FROM windows"


def _differs(name: str) -> str:
    """Beyond what sums of floats lose."""
    near = f"abs(w.{name} - e.{name}) <= 1e-9 * greatest(1, abs(e.min), abs(e.max))"
    return f"NOT coalesce({near}, w.{name} IS NULL AND e.{name} IS NULL)"


WRONG = f"""
    SELECT w, e FROM ({EXPECTED}) AS e
    FULL JOIN windows AS w USING (entity_id, source, signal, seconds, start)
    WHERE (w.count, w.min, w.max, w.p95, w.last)
        IS DISTINCT FROM (e.count, e.min, e.max, e.p95, e.last)
        OR {_differs("mean")} OR {_differs("stddev")}
        -- Of a minute that was corrected nobody knows any more what was held until when.
        OR (seconds < 60 OR source <> '') AND {_differs("time_weighted")}
    LIMIT 3
"""
