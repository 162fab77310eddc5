"""Keep files: nothing of them is edited by hand."""
