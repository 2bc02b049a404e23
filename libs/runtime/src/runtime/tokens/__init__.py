"""Tokens: verified everywhere, issued here for development only."""

from runtime.tokens.issuer import Issuer, IssuerRefused
from runtime.tokens.verifier import Principal, Verifier

__all__ = ["Issuer", "IssuerRefused", "Principal", "Verifier"]
