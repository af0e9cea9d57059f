"""The run as nbhitl sees it: threads, interrupts, snapshots, stops."""
