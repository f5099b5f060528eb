"""Customers and suppliers, and how to reach them."""
