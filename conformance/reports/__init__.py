"""What is made of a run file: pages, tables and archives for those who were not there."""
