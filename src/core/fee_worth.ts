/** What a fee is worth in the money of its trade, whatever asset it was taken in. */
import { symbolOf } from "./instrument.ts";
import { isZero, type Notional, notionalOf, type Price, type Quantity, ratio, scale, zeroNotional } from "./money.ts";

/**
 * Of the trade, where nobody knows the price of the asset that was taken (a venue's own coin that is not watched). A fee of
 * nothing would make profits too good and let the limits of loss come late, so it is taken as the usual taker fee.
 */
const unpricedFee = ratio("0.001");

/** @param marks prices by instrument id; only the pair of the fee's asset is asked for. Units: quote asset. */
export function feeWorth(
  trade: {
    readonly instrumentId: string;
    readonly price: Price;
    readonly quantity: Quantity;
    readonly fee: Notional;
    readonly feeAsset: string;
  },
  marks: Readonly<Record<string, Price>>,
): Notional {
  const { instrumentId, price, quantity, fee, feeAsset } = trade;
  if (isZero(fee)) return zeroNotional;
  const [base, quote] = symbolOf(instrumentId).split("/");
  if (feeAsset === quote) return fee;
  if (feeAsset === base) return notionalOf(price, fee as string as Quantity);
  const at = marks[`${instrumentId.split(":")[0]}:${feeAsset}/${quote}`];
  return at === undefined ? scale(notionalOf(price, quantity), unpricedFee) : notionalOf(at, fee as string as Quantity);
}
