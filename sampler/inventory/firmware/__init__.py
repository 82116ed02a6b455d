"""What the firmware says of the machine: its maker, its BIOS and its hypervisor."""
