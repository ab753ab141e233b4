/** KuCoin through the real ccxt keeps the venue contract. */
import { closeKucoinBenches, openKucoinBench } from "./bench_kucoin.ts";
import { venueContract } from "./contract.ts";

venueContract("kucoin", { open: openKucoinBench, close: closeKucoinBenches });
