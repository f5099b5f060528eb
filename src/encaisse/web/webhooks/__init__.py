"""The door providers knock at."""
