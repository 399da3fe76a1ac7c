"""Anonymous visitors: a random id in a signed token, so that nobody can guess or forge another's."""

import hashlib
import secrets

from itsdangerous import BadSignature, Signer

from shared.errors import InvalidVisitor

PREFIX = "hv_"


class Visitors:
    """Makes and checks visitor tokens, `hv_<id>.<signature>`.

    Parameters
    ----------
    secret_key
        The deployment's secret; a token of another deployment is not valid here.
    """

    def __init__(self, secret_key: str) -> None:
        self._signer = Signer(secret_key, salt="haedap.visitor", digest_method=hashlib.sha256)

    def issue(self) -> tuple[str, str]:
        """A new visitor's id (128 random bits) and token."""
        visitor_id = secrets.token_urlsafe(16)
        return visitor_id, PREFIX + self._signer.sign(visitor_id).decode()

    def verify(self, token: str) -> str:
        """The visitor's id. Raises `InvalidVisitor` when the token was not made here, or was altered."""
        try:
            return self._signer.unsign(token.removeprefix(PREFIX)).decode()
        except (BadSignature, UnicodeDecodeError):
            raise InvalidVisitor from None
