/** Codes of authenticator apps (RFC 6238, six digits, 30 s). Secrets leave this port sealed; what is kept of them opens nothing elsewhere. */
import type { Instant } from "../core/time.ts";

export type NewAuthenticator = {
  /** For the record. */
  readonly sealed: string;
  /** Base32, for whoever can't scan; shown once and kept nowhere. */
  readonly secret: string;
  /** The picture that an app scans: rows of dark and light. */
  readonly picture: readonly (readonly boolean[])[];
};

export interface Authenticator {
  /** @param label whose account it is, as the app shows it. */
  create(label: string): NewAuthenticator;
  /** The 30 s step that this code belongs to, at most one away from `at`; null = wrong, or sealed by another house. */
  stepOf(sealed: string, code: string, at: Instant): number | null;
}
