"""Durable work: queues, schedules, progress, and the take-over of a dead worker's work."""
