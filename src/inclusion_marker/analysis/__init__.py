"""How sure a marker is, what drives it, whom it leaves out: functions of a result."""
