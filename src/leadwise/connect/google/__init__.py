"""What the connectors of Google's services share: who we are, and what Google's refusals mean."""
