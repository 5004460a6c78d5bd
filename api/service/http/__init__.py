"""The service over HTTP: OGC API - Processes and Features, and plain addresses for a person with curl.

Start at :mod:`.app`. The event loop never validates geometry, renders a file or opens an upload: clerks (child processes,
:mod:`.clerk`) and sandboxed children (:mod:`.uploads`) do.
"""
