"""What contributors run: generators of code and pages, and two comparisons."""
