"""What holds a step back: quiet hours, caps, whoever wants nothing."""
