/** A refusal in the platform's own words: what the Bot API answers with ok:false. Tests look for these sentences. */
export type Refusal = {
  readonly refusal: true;
  readonly code: number;
  readonly description: string;
  readonly parameters: { readonly retry_after?: number; readonly migrate_to_chat_id?: number } | null;
};

/** Ends a method. */
export function refuse(code: number, description: string, parameters: Refusal["parameters"] = null): never {
  throw Object.assign(new Error(description), { refusal: true, code, description, parameters } satisfies Refusal);
}

export function badRequest(words: string): never {
  return refuse(400, `Bad Request: ${words}`);
}

export function isRefusal(error: unknown): error is Refusal {
  return typeof error === "object" && error !== null && "refusal" in error && error.refusal === true;
}
