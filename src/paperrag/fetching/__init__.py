"""Papers behind the notes: which ones there are, their abstracts on disk, and what follows from them."""
