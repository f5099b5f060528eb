"""Payment providers: what a plug-in is, which connection uses which, and the webhook inbox."""
