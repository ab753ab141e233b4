/**
 * A value that must not be seen. Whatever prints it (a template, JSON, console, an error, a debugger's inspect) gets
 * "[redacted]"; only `reveal()` gives the text, so every place that can leak one is found by searching for that word.
 */
const hidden = "[redacted]";

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Call it at the last moment, in the argument of what needs it; never keep the result. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  // Node's inspect (console, pino, vitest diffs) asks for this symbol; the registry key needs no import of node:util.
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return hidden;
  }

  [Symbol.toPrimitive](): string {
    return hidden;
  }
}
