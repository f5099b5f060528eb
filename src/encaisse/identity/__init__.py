"""People: users, how they prove who they are, their sessions."""
