/**
 * What an alert is: a name with labels, which together are its fingerprint, and a life.
 *
 *   firing --acked--> acked --lapsed--> firing --resolved--> resolved --fired--> firing
 *                       '--resolved--> resolved
 *
 * An event only happened and stands for a while (`standsUntil`); a condition stands until the books say that it is over.
 */
import type { Card, Severity } from "./card.ts";
import type { Instant } from "./time.ts";

export type Labels = Readonly<Record<string, string>>;
/** `label` may be `alert` or `severity` besides the labels themselves. */
export type Matcher = { readonly label: string; readonly value: string };

export type Acknowledgement = {
  readonly personId: string;
  readonly at: Instant;
  readonly until: Instant | null;
  readonly remindedAt: Instant | null;
};

export type Alert = {
  readonly fingerprint: string;
  readonly name: string;
  readonly severity: Severity;
  readonly labels: Labels;
  readonly groupKey: string;
  readonly isVital: boolean;
  /** Not told while trading is halted; absent = a halt explains nothing of it. */
  readonly isMutedByHalt?: true;
  readonly standsUntil: Instant | null;
  /** Told again after this (real ms) while nobody has acknowledged it; absent = as its severity says. */
  readonly repeatMs?: number;
  readonly state: "firing" | "acked" | "resolved";
  readonly card: Card;
  /** What is said of its end; null while it stands, or when nothing more is to say. */
  readonly overCard: Card | null;
  readonly firedAt: Instant;
  readonly resolvedAt: Instant | null;
  /** The newest acknowledgement of this time that it fired, also when it is over. */
  readonly ack: Acknowledgement | null;
  /** What people were told last: what was never told as firing is never told as over. */
  readonly announced: "never" | "firing" | "resolved";
  /** When it was last told as firing; absent = not yet. */
  readonly toldAt?: Instant;
  /** Told with sound. */
  readonly isPaged: boolean;
  /** When it fired or ended lately. */
  readonly changes: readonly Instant[];
  readonly flapToldAt: Instant | null;
  readonly escalatedAt: Instant | null;
  /** Messages that show it, oldest first. */
  readonly noticeIds: readonly string[];
  /** Messages that stood already when it was folded into them, by message: the revision that shows it first, and when it came. */
  readonly folds?: Readonly<Record<string, { readonly rev: number; readonly at: Instant }>>;
};

/** Sorted, so that the same labels in another order are the same alert. */
export function labelText(labels: Labels): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${JSON.stringify(name)}=${JSON.stringify(labels[name])}`)
    .join(",");
}

/** 16 hex digits; the same for the same name and labels in every process and version. */
export function fingerprintOf(name: string, labels: Labels): string {
  const text = `${JSON.stringify(name)};${labelText(labels)}`;
  return `${fnv(text, 0x811c9dc5)}${fnv(text, 0x01234567)}`;
}

/** FNV-1a over UTF-16 units, mixed once more at the end so that both halves differ everywhere. */
function fnv(text: string, seed: number): string {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 12;
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** A group of its own: nothing else can join it, so nothing is waited for. */
export const isAlone = ({ groupKey, fingerprint }: Pick<Alert, "groupKey" | "fingerprint">): boolean =>
  groupKey.endsWith(`/${fingerprint}`);

/** An event that has been told needs nothing more once its time is over. */
export function isOver(alert: Alert, at: Instant): boolean {
  return alert.state === "resolved" || (alert.standsUntil !== null && at >= alert.standsUntil);
}

/** Changes that still count, the present one included when it is among them. */
export function recentChanges(changes: readonly Instant[], now: Instant, windowMs: number): readonly Instant[] {
  return changes.filter((at) => now - at < windowMs);
}

/** "feed_gap" is an alert of this name, "venue=kucoin,severity=critical" are two labels. Whether they mean anything is asked elsewhere. */
export function matchersIn(text: string): readonly Matcher[] {
  return text
    .split(",")
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      return at === -1 ? { label: "alert", value: part } : { label: part.slice(0, at), value: part.slice(at + 1) };
    });
}

export function matches(alert: Pick<Alert, "name" | "severity" | "labels">, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ label, value }) => {
    if (label === "alert") return alert.name === value;
    return label === "severity" ? alert.severity === value : alert.labels[label] === value;
  });
}
