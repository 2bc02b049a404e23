"""The development issuer's key pair: made for one instance, never leaving it."""

from attain.instance.layout import Instance, write_private


def ensure_keys(instance: Instance) -> None:
    """Make the key pair unless it is there; write the public half again when only that is lost."""
    if instance.issuer_key.exists() and instance.jwks.exists():
        return
    from runtime import Issuer, Settings  # only when needed: a web framework comes with it

    if not instance.issuer_key.exists():
        Issuer.create(instance.issuer_key, Settings())
    write_private(instance.jwks, Issuer.load(instance.issuer_key, Settings()).jwks_json())
