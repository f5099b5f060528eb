"""Help in the page: what each page is for, what words mean, what to do about an error."""
