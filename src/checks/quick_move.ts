/** After a jump nobody knows the price yet: entries wait until five minutes without one have passed (L02). Exits never wait. */
import { shareText } from "../core/facts.ts";
import { quickMoveMax } from "../core/hard_limits.ts";
import { isMore } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const quickMove = defineCheck({
  name: "quick_move",
  asks: "Did the price keep from jumping within the last five minutes?",
  denies: "price_jumped",
  evaluate(intent, { quickMove: move }) {
    if (!addsRisk(intent) || move === undefined || !isMore(move, quickMoveMax)) return null;
    return { move: `${shareText(move)} within a minute`, limit: shareText(quickMoveMax) };
  },
});
