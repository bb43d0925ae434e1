"""What a run leaves behind: one file for each kind of report."""
