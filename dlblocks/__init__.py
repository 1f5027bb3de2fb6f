"""The blocks of deep learning in NumPy. Import each from the module of its name; see `dlblocks.functional` for all of them."""
