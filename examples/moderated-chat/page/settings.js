/** What the page remembers of this reader, in this browser. */
const KEY = 'moderated-chat';

/** @returns {{ name?: string, code?: string, languages?: string[], phoneLanguage?: string }} */
export function settings() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    // The browser may not let the page remember anything, and others may have written there.
    return {};
  }
}

/** Remembers more, and forgets what is `undefined`. */
export function remember(more) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...settings(), ...more }));
  } catch {
    // The page works without a memory.
  }
}
