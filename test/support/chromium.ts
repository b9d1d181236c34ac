/** The real browser of the machine, for tests of pages as people use them. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = PLACES.find(existsSync);

/** Why there is no browser; undefined where there is one. */
export const whyNoChromium = executablePath === undefined ? 'Chromium is not installed' : undefined;
if (whyNoChromium !== undefined)
  console.warn(`SKIPPED: ${whyNoChromium}, so no page is tried in a real browser`);

export const startChromium = (): Promise<Browser> => {
  if (executablePath === undefined) throw new Error(whyNoChromium);
  // Tests may run as root, where its sandbox refuses to start; it visits this machine alone.
  return chromium.launch({ executablePath, chromiumSandbox: false });
};
