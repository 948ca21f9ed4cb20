"""Lesson 00, start here: its one exercise."""

EXERCISES = ("hello_check",)
