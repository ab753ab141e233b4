/** Hashes and secrets. The core borrows `sha256`; nothing else makes tokens. */
export interface Vault {
  /** Lower-case hex. */
  sha256(text: string): string;
  /** 96 random bits as 16 base64url characters: a button token, a one-time code, a session. */
  token(): string;
}
