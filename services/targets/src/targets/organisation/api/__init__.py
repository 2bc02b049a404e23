"""The organisation over HTTP."""

from targets.organisation.api import people, units

routers = [units.router, people.router]
