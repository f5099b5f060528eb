"""Who may let a member in who lost their factors."""

from datetime import datetime
from uuid import UUID

from encaisse.identity.emergency import issue
from encaisse.kernel.errors import NotFound
from encaisse.organizations.core import Role
from encaisse.organizations.errors import EmergencyElsewhere, EmergencyForOneself
from encaisse.organizations.queries import roles_of


def may_stop_recovery(*, stopper_id: UUID, user_id: UUID) -> bool:
    """Tell whether somebody may stop a person's recovery: themselves, or an owner of a firm."""
    if stopper_id == user_id:
        return True
    owned = {firm for firm, role in roles_of(user_id=stopper_id).items() if role is Role.OWNER}
    return bool(owned & set(roles_of(user_id=user_id)))


def issue_emergency_code(
    *, organization_id: UUID, owner_id: UUID, member_id: UUID, now: datetime, real_now: datetime
) -> str:
    """
    Make a code for a member, and return it: the owner gives it by voice.

    It opens the person's whole account, hence every firm they work in: an owner of one must own
    them all.

    :raises NotFound: not a member here, or the asker owns nothing here
    :raises EmergencyForOneself: somebody else must vouch
    :raises EmergencyElsewhere: they also work in a firm of somebody else
    """
    if owner_id == member_id:
        raise EmergencyForOneself
    theirs = roles_of(user_id=member_id)
    owned = {firm for firm, role in roles_of(user_id=owner_id).items() if role is Role.OWNER}
    if organization_id not in theirs or organization_id not in owned:
        raise NotFound
    if not set(theirs) <= owned:
        raise EmergencyElsewhere
    return issue(user_id=member_id, issued_by=owner_id, now=now, real_now=real_now)
