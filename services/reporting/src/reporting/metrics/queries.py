"""The metrics as they are defined now."""

from runtime.query import Query

COLUMNS = """
    code, version, name_en, name_zh, direction, core, kind, event_type, conditions, value_field, currency_field,
    credited_field, date_field, dimensions, numerator, denominator
"""

METRICS = Query(f"select {COLUMNS} from metric order by code")

# A metric first, then the two parts if it is a ratio.
METRIC_AND_PARTS = f"""
    select {COLUMNS} from metric
    where code = :metric
       or code in (select unnest(array[numerator, denominator]) from metric where code = :metric)
    order by code <> :metric
"""
