"""From looks and findings to a verdict: outcomes of checks, outcomes of requirements, and the claim of a run."""
