/** An instrument gets few attempts per window: an entry that keeps failing is not tried harder. */
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const ordersPerWindow = defineCheck({
  name: "orders_per_window",
  asks: "Would this window stay within its number of orders for the instrument?",
  denies: "too_many_orders",
  evaluate(intent, { limits, ordersThisWindow }) {
    if (!addsRisk(intent) || ordersThisWindow + 1 <= limits.ordersPerWindow) return null;
    return { orders: `${ordersThisWindow + 1} in this window`, limit: `${limits.ordersPerWindow} in a window` };
  },
});
