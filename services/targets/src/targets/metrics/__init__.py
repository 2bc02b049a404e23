"""The metrics 指标: what is counted or summed, as versioned data."""
