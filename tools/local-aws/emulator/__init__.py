"""ministack, started as this project needs it: on loopback, on free ports, with the defects in `fixes` mended."""
