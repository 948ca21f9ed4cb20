"""The course's web site: the lessons to read, without their solutions, the docs and the known mistakes, with a search."""
