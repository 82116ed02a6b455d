"""The same conclusions through the whole product, from a server whose noise and changes are planted."""
