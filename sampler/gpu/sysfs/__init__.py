"""AMD's and Intel's GPUs, through files of their drivers."""
