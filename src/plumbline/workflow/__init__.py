"""Governance as `decide(state, command, policy) -> events`: the lifecycle table, commands, events, guards."""
