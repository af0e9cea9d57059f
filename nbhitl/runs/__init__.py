"""The data of a run for all rooms of nbhitl: threads, interrupts, snapshots, stops."""
