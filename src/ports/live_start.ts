/** What a start of LIVE brings with it from outside the house. Absent in every other mode. */
export type LiveStart = {
  /** sha256 of the API key, first 16 hex digits. */
  readonly keyFingerprint: string;
  /** What was typed at this start; null = nothing. */
  readonly phrase: string | null;
  /** The code of an authenticator app that came with it; null or absent = none. */
  readonly code?: string | null;
  /** Surroundings that LIVE does not allow, each a sentence. */
  readonly otherProblems: readonly string[];
  /** Called when this start may not trade and nothing is held that it would have to guard: the process ends with these sentences. */
  refuse(problems: readonly string[]): void;
};
