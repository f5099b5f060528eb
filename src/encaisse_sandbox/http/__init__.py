"""The doors: the provider's API, the control plane and the pages."""
