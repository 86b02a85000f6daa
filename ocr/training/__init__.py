"""Training of our own reading weights. Needs torch, fonts and (for Korean words) faker; reading needs none."""
