"""What the families of deals and the books of the model share about deals (section 5)."""
