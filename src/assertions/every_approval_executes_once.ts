import { defineAssertion } from "../define/assertion.ts";

export const everyApprovalExecutesOnce = defineAssertion({
  name: "every_approval_executes_once",
  promises: "One approved version leads to at most one order",
  onBreach: "halt_trading",
  breaches: ({ orders }) => {
    const seen = new Map<string, number>();
    for (const order of Object.values(orders)) {
      if (order.approvalId !== null)
        seen.set(
          `${order.approvalId} v${order.approvalVersion}`,
          (seen.get(`${order.approvalId} v${order.approvalVersion}`) ?? 0) + 1,
        );
    }
    return [...seen]
      .filter(([, count]) => count > 1)
      .map(([approval, count]) => ({ evidence: { approval, orders: String(count) } }));
  },
});
