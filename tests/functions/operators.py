"""What tests of the operators' console have in common: keys of each role."""

from collections.abc import Sequence

from shared import wiring
from shared.admin_keys import Role
from tests.functions.programs import bearer


def operator(role: Role = "owner", bots: Sequence[str] | None = None, name: str = "") -> dict[str, str]:
    """The header of a new key."""
    return bearer(wiring.get_admin_keys().create(name or role, role, bots)[1].get_secret_value())
