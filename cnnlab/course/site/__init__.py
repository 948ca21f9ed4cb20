"""The course's web site: lessons to read without their solutions, the docs, the known mistakes, and a search."""
