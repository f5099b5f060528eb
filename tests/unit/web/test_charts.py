from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from encaisse.web.charts import Point, columns, rows

VALUES = st.lists(st.integers(0, 10**12), max_size=62)


def points(*values: int) -> list[Point]:
    return [Point(f"jour {i}", f"{i} nov.", value, f"{value} €") for i, value in enumerate(values)]


class TestColumns:
    @given(values=VALUES)
    def test_every_bar_stands_on_zero_and_inside_the_drawing(self, values):
        drawing = columns(points(*values), width=880, height=232)

        assert all(bar.y + bar.height == drawing.base for bar in drawing.bars)
        assert all(bar.x >= 0 and bar.x + bar.width <= drawing.width for bar in drawing.bars)
        assert all(bar.y >= 0 for bar in drawing.bars)

    @given(values=VALUES)
    def test_no_word_covers_another(self, values):
        drawing = columns(points(*values), width=360, height=200)

        lines: dict[int, list[tuple[float, float]]] = {}
        for word in drawing.words:
            long = len(word.text) * 6.6
            left = word.x - {"start": 0, "middle": long / 2, "end": long}[word.anchor]
            lines.setdefault(word.y, []).append((left, left + long))
        for line in lines.values():
            assert all(first[1] <= second[0] for first, second in pairwise(sorted(line)))

    def test_heights_are_in_proportion_to_values(self):
        drawing = columns(points(50, 100, 25), width=300, height=146)

        assert [bar.height for bar in drawing.bars] == [50, 100, 25]
        assert [bar.is_largest for bar in drawing.bars] == [False, True, False]

    def test_zero_draws_nothing_and_little_is_still_seen(self):
        drawing = columns(points(0, 1, 10**9), width=300, height=146)

        assert [bar.height for bar in drawing.bars] == [2, 100]

    def test_values_stand_on_their_columns_while_there_is_room(self):
        few = columns(points(5, 10, 8), width=300, height=146)
        many = columns(points(*range(1, 31)), width=300, height=146)

        assert {word.text for word in few.words} >= {"5 €", "10 €", "8 €"}
        assert [word.text for word in many.words if word.text.endswith("€")] == ["30 €"]

    def test_nothing_to_draw_is_an_empty_drawing(self):
        assert columns([], width=300, height=146).bars == ()


class TestRows:
    def test_the_largest_takes_the_whole_width(self):
        drawing = rows(points(3, 12, 6), width=400)

        assert [bar.width for bar in drawing.bars] == [100, 400, 200]
        assert [bar.x for bar in drawing.bars] == [0, 0, 0]

    def test_a_long_name_leaves_room_for_its_value(self):
        drawing = rows([Point("n", "refusé par la banque, " * 9, 4, "4 refus")], width=400)

        name, value = drawing.words
        assert name.text.endswith("…")
        assert len(name.text) * 6.6 < 400 - len(value.text) * 6.6
