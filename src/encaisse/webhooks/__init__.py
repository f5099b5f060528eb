"""What happened, in the words of our API: the events that outgoing webhooks will deliver."""
