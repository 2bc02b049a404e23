"""What the pipeline room owns: the versioned definitions of pipelines, and the opportunities that pass them."""
