"""Parts of the explanation: a shortfall split over the tree, and what is left without a part."""
