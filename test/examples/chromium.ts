import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
// With a font for Japanese, so that what is shown can be looked at.
const PACKAGES = ['chromium', 'fonts-ipafont-gothic'];

/** Starts Debian's Chromium without a window and with a profile of its own, and installs it first where it is missing. */
export async function startChromium(): Promise<Browser> {
  if (!existsSync(EXECUTABLE)) {
    execFileSync('apt-get', ['update', '-qq']);
    execFileSync('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...PACKAGES], { stdio: 'ignore' });
  }
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update'],
    ],
  });
}
