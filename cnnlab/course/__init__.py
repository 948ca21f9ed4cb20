"""The author's and the instructor's side: masters, builds, releases, grading rounds. Notebooks never import it."""
