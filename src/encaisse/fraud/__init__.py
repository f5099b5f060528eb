"""Which payments do not look like the others: weighed, explained, held for a person, remembered."""
