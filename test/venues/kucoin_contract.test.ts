/** KuCoin through the real ccxt keeps the venue contract, on the strict side of everything unconfirmed and on the lenient one. */
import { closeKucoinBenches, openKucoinBench } from "./bench_kucoin.ts";
import { venueContract } from "./contract.ts";

venueContract("kucoin", { open: openKucoinBench, close: closeKucoinBenches });
venueContract("kucoin, where everything unconfirmed is lenient", {
  open: async () => await openKucoinBench({ strict: false }),
  close: closeKucoinBenches,
});
