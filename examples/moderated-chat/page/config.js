/** Reads what the stack's output `PageConfig` says. Fails if it is missing or not complete. */
export async function readConfig() {
  const content = await fetch('config.json')
    .then((response) => (response.ok ? response.json() : undefined))
    .catch(() => undefined);
  const names = ['cache', 'momento', 'publish', 'subscribe', 'tokens'];
  const isComplete = names.every((name) => typeof content?.[name] === 'string') && Array.isArray(content.languages);
  if (!isComplete) throw new Error('config.json is missing or invalid');
  return content;
}
