"""The history of this service's database. Its read tables are projections: made anew rather than migrated."""
