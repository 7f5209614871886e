"""A passkey in software: answers what the server asks as a browser with an authenticator would."""

import hashlib
import json
import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

FLAG = AuthenticatorData.FLAG


class Passkey:
    def __init__(self, host="testserver", origin="http://testserver"):
        self.host, self.origin = host, origin
        self.key, self.id, self.count, self.user = (
            ec.generate_private_key(ec.SECP256R1()),
            secrets.token_bytes(16),
            0,
            "",
        )

    def make(self, options, verified=True):
        """The credential that navigator.credentials.create() gives for `options`, a dict with "publicKey"."""
        self.user = options["publicKey"]["user"]["id"]
        attested = AttestedCredentialData.create(
            b"\0" * 16, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        flags = FLAG.UP | FLAG.AT | (FLAG.UV if verified else FLAG(0))
        data = AuthenticatorData.create(self.host_hash(), flags, self.count, attested)
        return self.answer(
            {
                "clientDataJSON": websafe_encode(self.client_data("webauthn.create", options)),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            },
            {"credProps": {"rk": True}},
        )

    def show(self, options, verified=True):
        """The credential that navigator.credentials.get() gives for `options`."""
        self.count += 1
        client_data = self.client_data("webauthn.get", options)
        data = AuthenticatorData.create(self.host_hash(), FLAG.UP | (FLAG.UV if verified else FLAG(0)), self.count)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self.answer(
            {
                "clientDataJSON": websafe_encode(client_data),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": self.user,
            }
        )

    def host_hash(self):
        return hashlib.sha256(self.host.encode()).digest()

    def client_data(self, kind, options):
        asked = {
            "type": kind,
            "challenge": options["publicKey"]["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(asked).encode()

    def answer(self, response, extensions=None):
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": response,
            "clientExtensionResults": extensions or {},
        }
