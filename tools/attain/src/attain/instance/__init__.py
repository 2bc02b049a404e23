"""A local instance: its folder, ports and keys, what runs in it and how it is brought up and taken down."""
