"""The commands of `kring`, one file each."""
