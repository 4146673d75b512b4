"""Input from outside into the neurons of one rank: what is drawn or set in each step."""
