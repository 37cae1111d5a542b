"""What conditions of playbooks may ask of a lead, and their answers by the query of scores."""
