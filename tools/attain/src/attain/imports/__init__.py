"""`attain import`: a CSV of any export, through a mapping, into the services' own APIs."""
