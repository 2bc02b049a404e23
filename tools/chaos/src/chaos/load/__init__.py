"""The load: several clients over HTTP, whose every request and answer is logged."""
