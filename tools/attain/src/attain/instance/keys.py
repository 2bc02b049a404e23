"""The development issuer's key pair: made for one instance, never leaving it."""

import json

from joserfc.jwk import ECKey

from attain.instance.layout import Instance, write_private


def ensure_keys(instance: Instance) -> None:
    """Make the key pair (ES256), unless it is there; write the public half again when only that is lost."""
    if instance.issuer_key.exists():
        private = ECKey.import_key(json.loads(instance.issuer_key.read_text()))
    else:
        private = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True, auto_kid=True)
        write_private(instance.issuer_key, json.dumps(private.as_dict(private=True)))
        instance.jwks.unlink(missing_ok=True)
    if not instance.jwks.exists():
        write_private(instance.jwks, json.dumps({"keys": [private.as_dict(private=False)]}))
