"""Anonymous visitors: a random id in a signed token, so that nobody can guess or forge another's."""

import hashlib
import secrets

from itsdangerous import BadSignature, Signer

from shared.errors import InvalidVisitor

PREFIX = "hv_"


class Visitors:
    """Makes and checks visitor tokens, `hv_<id>.<signature>` or `hv_<id>.<bot>.<signature>`.

    Parameters
    ----------
    secret_key
        The deployment's secret; a token of another deployment is not valid here.
    """

    def __init__(self, secret_key: str) -> None:
        self._signer = Signer(secret_key, salt="haedap.visitor", digest_method=hashlib.sha256)

    def issue(self, bot_id: str | None = None) -> tuple[str, str]:
        """A new visitor's id (128 random bits) and token.

        Parameters
        ----------
        bot_id
            The only bot that the token is good for; without one, all of them.
        """
        visitor_id = secrets.token_urlsafe(16)
        signed = visitor_id if bot_id is None else f"{visitor_id}.{bot_id}"
        return visitor_id, PREFIX + self._signer.sign(signed).decode()

    def verify(self, token: str, bot_id: str) -> str:
        """The visitor's id. Raises `InvalidVisitor`: not made here, altered, or another bot's."""
        try:
            signed = self._signer.unsign(token.removeprefix(PREFIX)).decode()
        except (BadSignature, UnicodeDecodeError):
            raise InvalidVisitor from None
        visitor_id, _, bound_to = signed.partition(".")  # neither part holds a dot
        if bound_to not in ("", bot_id):
            raise InvalidVisitor
        return visitor_id
