"""The organisation 组织: units of any depth, people, and who belongs where from which day on."""
