"""Continuous proof: kept rows are told anew from their events, sums added up again, kept events held against Kafka."""
