"""What is counted and listed for people, and the files they take away; no HTTP, no SQL."""
