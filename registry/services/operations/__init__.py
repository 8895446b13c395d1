"""The operations of operators: load, ask `registry.logic.operations`, write, note, answer."""
