/** What happens around an open request besides votes: reasons, rest, the ladder, what silence cost. A part of the union in events.ts. */
import type { Chat } from "./events.ts";
import type { Notional, Price } from "./money.ts";
import type { Instant } from "./time.ts";

export type ConsentFact =
  | {
      /** Why somebody said no, told after the no has counted. */
      readonly type: "decline_explained";
      readonly approvalId: string;
      readonly personId: string;
      readonly reason: string;
    }
  | {
      /** This person is not reminded until then; the time to answer stays what it is. */
      readonly type: "request_snoozed";
      readonly approvalId: string;
      readonly version: number;
      readonly personId: string;
      readonly until: Instant;
    }
  | {
      /** A rung of the ladder was climbed: nobody answered, so somebody is asked again, louder or elsewhere. */
      readonly type: "request_escalated";
      readonly approvalId: string;
      readonly version: number;
      /** Only the step that the request names as its next one does anything; a step is named by its rung and version. */
      readonly stepId: string;
      readonly rung: number;
      readonly to: readonly { readonly personId: string; readonly chat: Chat }[];
    }
  | {
      /** What the request would have brought until now, had somebody said yes: measured once, when its trade would have ended. */
      readonly type: "silence_valued";
      readonly approvalId: string;
      readonly instrumentId: string;
      readonly entryPrice: Price;
      readonly exitPrice: Price;
      readonly how: "stop" | "target" | "time";
      /** After the fees of both sides; negative = silence saved it. */
      readonly pnl: Notional;
    };
