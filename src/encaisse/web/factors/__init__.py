"""What a person proves themselves with: their own pages."""
