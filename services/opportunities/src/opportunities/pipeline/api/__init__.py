"""The pipeline over HTTP."""

from opportunities.pipeline.api import opportunities, pipelines, verbs

routers = [pipelines.router, opportunities.router, verbs.router]
