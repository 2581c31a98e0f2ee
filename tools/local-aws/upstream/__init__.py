"""What we report to ministack: for each fix of `emulator/fixes` a text and a reproduction. See README.md."""
