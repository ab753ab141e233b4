/** Shades what an order could lose (entry to stop) and win (entry to target) behind the candles of a chart. */
import type {
  IPrimitivePaneView,
  ISeriesApi,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";

export type OrderLines = {
  readonly entryPrice: string;
  readonly stopPrice: string | null;
  readonly targetPrice: string | null;
};

export type ZoneColours = { readonly risk: string; readonly gain: string };

type Band = { readonly from: number; readonly to: number; readonly colour: string };

export function riskZone(order: OrderLines, colours: ZoneColours): ISeriesPrimitive<Time> {
  let series: ISeriesApi<"Candlestick"> | null = null;
  const entry = Number(order.entryPrice);
  const bands: readonly Band[] = [
    ...(order.stopPrice === null ? [] : [{ from: entry, to: Number(order.stopPrice), colour: colours.risk }]),
    ...(order.targetPrice === null ? [] : [{ from: entry, to: Number(order.targetPrice), colour: colours.gain }]),
  ];

  const view: IPrimitivePaneView = {
    zOrder: () => "bottom",
    renderer: () => ({
      draw: (target) => {
        target.useBitmapCoordinateSpace(({ context, bitmapSize, verticalPixelRatio }) => {
          for (const { from, to, colour } of bands) {
            const top = series?.priceToCoordinate(Math.max(from, to)) ?? null;
            const bottom = series?.priceToCoordinate(Math.min(from, to)) ?? null;
            if (top === null || bottom === null) continue;
            context.fillStyle = colour;
            context.fillRect(0, top * verticalPixelRatio, bitmapSize.width, (bottom - top) * verticalPixelRatio);
          }
        });
      },
    }),
  };
  return {
    attached: (attached: SeriesAttachedParameter<Time>) => {
      series = attached.series as ISeriesApi<"Candlestick">;
    },
    detached: () => {
      series = null;
    },
    paneViews: () => [view],
  };
}
