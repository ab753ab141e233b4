/** The lines typed before, for the arrow keys. Kept on this device; never holds what could be a code. */
import { useRef } from "react";

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

/** Arrow up goes back through earlier lines, arrow down forward again to the unfinished one. */
export function useHistory(setText: (text: string) => void) {
  const lines = useRef<readonly string[] | null>(null);
  const place = useRef<{ index: number; unfinished: string } | null>(null);
  const all = (): readonly string[] => {
    lines.current ??= readHistory();
    return lines.current;
  };
  return {
    isBrowsing: () => place.current !== null,
    leave() {
      place.current = null;
    },
    remember(line: string) {
      lines.current = rememberLine(all(), line);
    },
    step(step: 1 | -1, present: string) {
      const from = place.current ?? { index: all().length, unfinished: present };
      const index = Math.min(all().length, Math.max(0, from.index + step));
      place.current = index === all().length ? null : { ...from, index };
      setText(all()[index] ?? from.unfinished);
    },
  };
}
