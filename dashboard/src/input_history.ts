/** The lines typed before, for the arrow keys. Kept on this device; never holds what could be a code. */

const storageKey = "countersign.desk.typed";
const linesKept = 60;

export function readHistory(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "[]");
    return Array.isArray(stored) ? stored.filter((line) => typeof line === "string") : [];
  } catch {
    // Storage may be switched off; the arrow keys then only know this visit.
    return [];
  }
}

export function rememberLine(lines: readonly string[], line: string): readonly string[] {
  // Only commands are kept, and none with a long number: phrases and authenticator codes stay in nobody's storage.
  if (!line.startsWith("/") || /\d{6}/.test(line) || lines.at(-1) === line) return lines;
  const next = [...lines, line].slice(-linesKept);
  try {
    localStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // As above.
  }
  return next;
}

export function forgetHistory(): void {
  try {
    localStorage.removeItem(storageKey);
  } catch {
    // As above.
  }
}
