/** A log line for the person at the terminal: time, weight, sentence, and the facts that matter, on one line. */
export type Line = {
  readonly level: "info" | "warn" | "error";
  /** ISO 8601. */
  readonly at: string;
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
};

const marks = { info: " ", warn: "!", error: "X" } as const;
const colours = { info: "", warn: "\u001b[33m", error: "\u001b[31m" } as const;

export function shortLine({ level, at, text, facts }: Line, isColoured: boolean): string {
  const shown = Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${showValue(value)}`);
  const line = [`${at.slice(11, 19)} ${marks[level]} ${flat(text)}`, ...shown].join("  ");
  return isColoured && colours[level] !== "" ? `${colours[level]}${line}\u001b[0m` : line;
}

const widthMax = 160;

function showValue(value: unknown): string {
  const text = flat(String(value));
  const short = text.length > widthMax ? `${text.slice(0, widthMax)}...` : text;
  return /\s/.test(short) ? JSON.stringify(short) : short;
}

/** A foreign text must not start a line of its own or move the cursor: it could pretend to be ours. */
function flat(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}
