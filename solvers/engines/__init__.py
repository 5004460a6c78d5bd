"""One program in, one result out."""
