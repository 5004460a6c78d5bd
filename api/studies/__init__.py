"""Questions that take more than one plan: what differs between plans, what each deal is worth.

=========  ======================================================================================================
compare    plans side by side: lines, sentences, a difference layer for the map; reads plan records and nothing else
deals      each deal with and without: its worth, and the MW it moves
=========  ======================================================================================================
"""
