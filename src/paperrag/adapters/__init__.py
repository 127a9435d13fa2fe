"""One file for each foreign library; its types never leave that file."""
