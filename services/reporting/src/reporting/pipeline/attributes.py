"""What is known of an opportunity at an instant: the columns that `opportunity` and `opportunity_past` share."""

ATTRIBUTES = """
    state, stage, stage_since, customer_id, owner_id, pipeline, pipeline_version, product_line, channel, amount,
    currency, expected_close_on, opened_at, opened_on, closed_at, closed_on, loss_reason, imported
"""
