"""Grading that believes nothing the submission says: a trusted judge outside, the submitted code in a sandbox.

wire      frames: what crosses the pipe, and nothing else
worker    runs inside the sandbox: cells and calls, one at a time
sandbox   starts workers under bubblewrap, with limits, and ends them
subject   the check engine's Subject, over the pipe
judge     (release, submission) → verdict
reader    a submitted file → cells, defensively
image     runs inside the sandbox, too: makes a worker of a copy of itself, in namespaces of its own
apart     judging processes, ended from outside where a submission takes too much of one; effort: what is not rendered;
          beforehand: the server they are forked from, which imports while the command makes ready
grader    one submission from file to record; batch does many, cluster on several machines
gradebook the one writer of scores; autograded and clean make the notebook that people see
collect, report, replay   downloads in, the class in figures, one verdict again
"""
