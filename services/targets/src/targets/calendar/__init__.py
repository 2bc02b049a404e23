"""The calendar 日历: periods, working time, exchange rates."""
