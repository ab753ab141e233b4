/** The facts of answers that buttons can make anew, a part of the union in events.ts. */
import type { Chat } from "./events.ts";

/** What a button under an answer asks for: another page, or the same one as it is now. */
export type ViewButton = { readonly kind: "page" | "refresh"; readonly page: number; readonly tokenHash: string };

export type ViewFact = {
  /** On record before it is shown; shown again it has new buttons, and the older ones end. */
  readonly type: "view_shown";
  readonly viewId: string;
  /** Who asked, or turned it last. */
  readonly personId: string;
  readonly chat: Chat;
  /** The command whose answer it is, and its options as JSON. */
  readonly name: string;
  readonly options: string;
  readonly buttons: readonly ViewButton[];
};
