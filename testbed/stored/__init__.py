"""What the real parts would have stored: sessions, readings and inventories."""
