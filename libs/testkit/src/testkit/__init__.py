"""How Attain is tested: real servers, a database for every test, and patience with a voice (`eventually`)."""

from testkit.databases import Database, Prepare
from testkit.eventually import eventually

__all__ = ["Database", "Prepare", "eventually"]
