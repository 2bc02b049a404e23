"""The local PostgreSQL and Kafka: what they are made of, where they are kept, how they are started."""
