"""What a learner has built in earlier lessons, ready-made, so that every lesson stands alone.

One module a lesson: ``from cnnlab.built.lesson_02 import conv2d``. A lesson's exercises may use those of the lessons
before it, which its list in course.toml names; nothing else of the course is there when it is graded.
"""
