"""One payment told from its link to the bank's line, each step with its proof."""
