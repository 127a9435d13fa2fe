"""The page: a thin Gradio skin over `Assistant`. Everything it shows comes from records."""
