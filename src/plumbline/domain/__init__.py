"""The vocabulary of model risk: ids, enums, entities, errors and the hash chain (standard library only)."""
