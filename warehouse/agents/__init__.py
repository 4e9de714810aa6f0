"""The publication for agents: tools and resources of the Model Context Protocol, read-only."""
