"""How fast Attain is, beside the limit of the machine and beside what one would otherwise write."""
