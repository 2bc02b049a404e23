"""`attain real`: a real CRM export in, and every figure held against the same figure computed from the file."""
