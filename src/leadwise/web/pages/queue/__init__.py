"""The queue: whom to call next and why."""
