/** Candles with the order's lines: entry, stop, target, and what lies between them shaded. */
import {
  type CandlestickData,
  CandlestickSeries,
  createChart,
  type IChartApi,
  type ISeriesApi,
  LineStyle,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "react";
import type { CandleView } from "../../src/adapters/desk/contract.ts";
import { localDay, localTime, showAmount } from "./format.ts";
import { type OrderLines, riskZone } from "./risk_zone.ts";

type PriceChartProps = {
  readonly candles: readonly CandleView[];
  readonly order: OrderLines;
  /** The newest price, which moves the last candle; null leaves it as it is. */
  readonly lastPrice: string | null;
  /** What a person who can't see the picture should know. */
  readonly label: string;
  readonly className?: string;
};

type Drawn = { readonly chart: IChartApi; readonly series: ISeriesApi<"Candlestick"> };

export function PriceChart({ candles, order, lastPrice, label, className = "h-52" }: PriceChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const { entryPrice, stopPrice, targetPrice } = order;
  const places = decimalsOf([entryPrice, stopPrice, targetPrice, candles.at(-1)?.close ?? null]);

  useEffect(() => {
    if (place.current === null) return;
    const box = place.current;
    const draw = (): void => {
      drawn.current?.chart.remove();
      drawn.current = drawChart(box, { entryPrice, stopPrice, targetPrice }, places);
      drawn.current.series.setData(candles.map(candleData));
      drawn.current.chart.timeScale().fitContent();
    };
    draw();
    // A chart that was out of sight had no width when it was drawn.
    const width = new ResizeObserver(() => drawn.current?.chart.timeScale().fitContent());
    width.observe(box);
    // The system may change between day and night while the page is open.
    const theme = window.matchMedia("(prefers-color-scheme: dark)");
    theme.addEventListener("change", draw);
    return () => {
      width.disconnect();
      theme.removeEventListener("change", draw);
      drawn.current?.chart.remove();
      drawn.current = null;
    };
  }, [candles, entryPrice, stopPrice, targetPrice, places]);

  useEffect(() => {
    const last = candles.at(-1);
    if (lastPrice === null || last === undefined) return;
    const { open, high, low, time } = candleData(last);
    const close = Number(lastPrice);
    drawn.current?.series.update({ time, open, high: Math.max(high, close), low: Math.min(low, close), close });
  }, [candles, lastPrice]);

  return (
    <div role="img" aria-label={label} className={`relative ${className}`}>
      <div ref={place} className="absolute inset-0" />
    </div>
  );
}

function candleData({ openedAt, open, high, low, close }: CandleView): CandlestickData<UTCTimestamp> {
  const time = Math.floor(openedAt / 1000) as UTCTimestamp;
  return { time, open: Number(open), high: Number(high), low: Number(low), close: Number(close) };
}

function decimalsOf(prices: readonly (string | null)[]): number {
  return Math.max(...prices.map((price) => price?.split(".")[1]?.length ?? 0));
}

const colourOf = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function drawChart(box: HTMLElement, order: OrderLines, places: number): Drawn {
  const [ink = "", up = "", down = ""] = ["--ink-3", "--up", "--down"].map(colourOf);
  const chart = createChart(box, {
    autoSize: true,
    layout: {
      background: { color: "transparent" },
      textColor: ink,
      fontSize: 11,
      fontFamily: getComputedStyle(document.body).fontFamily,
      // Its notice stands in the side panel instead: the drawn logo would need inline styles.
      attributionLogo: false,
    },
    grid: { vertLines: { visible: false }, horzLines: { visible: false } },
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.08 } },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: false,
      tickMarkFormatter: (time: unknown) => localTime(Number(time) * 1000, false),
    },
    localization: {
      // The scale speaks only through the order's own lines: a tick beside them would be one more number to misread.
      tickmarksPriceFormatter: (values: readonly number[]) => values.map(() => ""),
      priceFormatter: (value: number) => showAmount(value.toFixed(places), places),
      timeFormatter: (time: unknown) => `${localDay(Number(time) * 1000)} ${localTime(Number(time) * 1000, false)}`,
    },
    // The page scrolls over the chart; the chart itself stays still.
    handleScroll: false,
    handleScale: false,
    crosshair: { horzLine: { labelBackgroundColor: ink }, vertLine: { labelBackgroundColor: ink } },
  });
  const prices = [order.entryPrice, order.stopPrice, order.targetPrice].filter((price) => price !== null).map(Number);
  const series = chart.addSeries(CandlestickSeries, {
    upColor: up,
    downColor: down,
    wickUpColor: up,
    wickDownColor: down,
    borderVisible: false,
    priceLineVisible: false,
    lastValueVisible: false,
    priceFormat: { type: "price", precision: places, minMove: 10 ** -places },
    // All lines of the order must be in sight, however far they lie from the last price.
    autoscaleInfoProvider: (original: () => { priceRange: { minValue: number; maxValue: number } | null } | null) => {
      const range = original()?.priceRange;
      if (range === undefined || range === null) return null;
      return {
        priceRange: { minValue: Math.min(range.minValue, ...prices), maxValue: Math.max(range.maxValue, ...prices) },
      };
    },
  });
  series.attachPrimitive(riskZone(order, { risk: colourOf("--risk-zone"), gain: colourOf("--gain-zone") }));
  const level = (price: string | null, title: string, color: string, lineStyle: LineStyle): void => {
    if (price === null) return;
    series.createPriceLine({ price: Number(price), title, color, lineStyle, lineWidth: 1, axisLabelVisible: true });
  };
  level(order.targetPrice, "target", up, LineStyle.Dashed);
  level(order.entryPrice, "entry", colourOf("--brass"), LineStyle.Solid);
  level(order.stopPrice, "stop", down, LineStyle.Dashed);
  return { chart, series };
}
