/** What this page keeps on the device. A browser that keeps nothing (private windows, full disks) is no reason to fail. */

export function read(key: string): unknown {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Not kept; it is chosen anew next time.
  }
}
