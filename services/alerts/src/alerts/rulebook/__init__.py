"""The rulebook: rules as versioned data, what fires and who hears of it."""
