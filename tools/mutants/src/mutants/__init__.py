"""The tests are tested: bugs are planted in copies of the tree, and the tests must catch them."""
