"""What a machine can do: which models fit its memory, how many users it serves, and what its tokens cost.

For the page of the machine, and for the route.
"""
