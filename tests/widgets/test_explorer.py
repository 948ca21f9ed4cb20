"""What all explorers share, on the smallest one: when it is drawn anew, and when not."""

from dataclasses import dataclass, replace

import pytest

from cnnlab.widgets.controls import button, slider
from cnnlab.widgets.explorer import Explorer


@dataclass(frozen=True)
class Count:
    number: int = 0
    says: str = ""


class Counter(Explorer):
    title = "Counter"

    def __init__(self, hover):
        self.drawn = 0
        column = {"number": slider("number", 3, 0, 9), "one more": button("one more")}
        super().__init__([column], first="number", hover=hover)

    def changed(self, name):
        self.state = Count(self.value("number") + (name == "one more"))

    def pointed(self, grid, place):
        self.state = Count(sum(place))

    def html(self):
        self.drawn += 1
        return f"<b>{self.state.number}</b>"

    def spoken(self):
        return f"It is {self.state.number}."


@pytest.fixture(params=[False, True], ids=["plain", "pointing"])
def counter(request):
    return Counter(request.param)


def test_it_is_drawn_at_first_and_after_each_move_of_a_person(counter):
    assert (counter.drawn, counter.view.value) == (1, "<b>3</b>")
    counter.controls["number"].value = 5
    counter.controls["one more"].click()
    assert (counter.drawn, counter.view.value) == (3, "<b>6</b>")
    assert repr(counter) == "Counter. It is 6."


def test_controls_that_it_sets_itself_are_no_move(counter):
    counter.set(number=8)
    assert (counter.value("number"), counter.state.number, counter.drawn) == (8, 3, 1)


def test_pointing_draws_where_there_is_something_new_to_see():
    counter = Counter(hover=True)

    def message(grid, *place):
        counter.view._handle_custom_msg({"grid": grid, "place": list(place)}, [])
        return counter.drawn

    assert message("in", 1, 2) == 1, "the sum was 3 before"
    assert message("in", 2, 2) == 2
    assert [message("in"), message("in", 1), message("in", 1, "2"), message("in", 1, None)] == [2, 2, 2, 2]
    assert counter.view.spoken == "It is 4."


def test_a_function_that_never_came_back_is_asked_no_more(counter):
    asked = []

    def ask(state):
        asked.append(state)
        return replace(state, says="`f` never came back."), True

    first, second, other = (counter.asked(Count(), ask, which) for which in ("f", "f", "g"))
    assert len(asked) == 2
    assert first.says == other.says == "`f` never came back."
    assert second.says == "`f` never came back. Run this cell again when it is mended."
