"""What tests of factors share."""

import re

from encaisse.organizations.core import Role
from encaisse.organizations.team import add_member
from factories.organizations import NOW, make_user
from functional.test_web_passkeys import with_password
from plugins.world import eventually


def member_of(firm, role=Role.MANAGER):
    user = with_password(make_user())
    add_member(organization_id=firm.id, actor=firm.actor, user_id=user.id, role=role, now=NOW)
    return user


def texted_code(world, number, *, reason="ajout"):
    def find():
        texts = world.control(f"/sms?to=%2B{number}", method="GET")["data"]
        found = [text["text"] for text in texts if reason in text["text"]]
        return found and re.search(r"Code (\d{6})", found[0])[1]

    return eventually(find)
