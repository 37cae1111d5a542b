"""`/api`: one file a noun; `routers.api_routers` is what the application includes.

Handlers are plain functions, which run in threads: none of them may hold up the event loop.
docs/http-api.md describes every route.
"""
