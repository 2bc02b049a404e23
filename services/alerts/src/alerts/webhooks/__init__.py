"""Whom incidents are told to over HTTP: signed, in order, again and again until they are taken."""
