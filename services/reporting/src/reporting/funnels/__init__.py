"""The funnel in its three readings, never mixed: cohort, flow, snapshot."""
