/** Structured log lines. Secrets never reach it: the adapter redacts, and secret values are of a type that prints as [redacted]. */
type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  info(text: string, facts?: Facts): void;
  warn(text: string, facts?: Facts): void;
  error(text: string, facts?: Facts): void;
}
