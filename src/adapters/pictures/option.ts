/** From a drawing to what Apache ECharts is asked for: one grid and two hidden axes a plot, shapes as its graphic parts. Pure. */
import type { Drawing, Plot, Series, Shape } from "./drawing.ts";

/** The family name of the font files that are loaded beside it. */
const fontFamily = "DejaVu Sans";
/** Shapes behind, series, shapes in front. */
const layers = { behind: 0, series: 5, front: 10 } as const;

type Option = Readonly<Record<string, unknown>>;

export function optionOf(drawing: Drawing): Option {
  return {
    animation: false,
    backgroundColor: drawing.ground,
    textStyle: { fontFamily },
    grid: drawing.plots.map(({ box }) => ({ ...box, containLabel: false })),
    xAxis: drawing.plots.map((plot, gridIndex) => ({ ...hiddenAxis(gridIndex), ...xAxis(plot) })),
    yAxis: drawing.plots.map(({ y }, gridIndex) => ({
      ...hiddenAxis(gridIndex),
      type: "value",
      min: y.min,
      max: y.max,
    })),
    series: drawing.plots.flatMap((plot, index) => plot.series.map((series) => seriesOption(series, index))),
    graphic: {
      elements: [
        ...drawing.behind.map((shape) => element(shape, layers.behind)),
        ...drawing.front.map((shape) => element(shape, layers.front)),
      ],
    },
  };
}

const hiddenAxis = (gridIndex: number): Option => ({
  gridIndex,
  show: false,
  splitLine: { show: false },
  // The span is what the drawing says, never rounded to what a library finds nice: shapes are placed by it as well.
  scale: true,
  nice: false,
});

function xAxis({ x }: Plot): Option {
  if ("slots" in x)
    return { type: "category", data: Array.from({ length: x.slots }, (_, slot) => slot), boundaryGap: true };
  return { type: "value", min: x.min, max: x.max };
}

function seriesOption(series: Series, index: number): Option {
  const common = { xAxisIndex: index, yAxisIndex: index, silent: true, animation: false, z: layers.series };
  if (series.kind === "candles") {
    return {
      ...common,
      type: "candlestick",
      barWidth: "64%",
      barMaxWidth: 14,
      data: series.candles.map((candle) => candle ?? "-"),
      itemStyle: {
        color: series.hollow,
        borderColor: series.rise,
        color0: series.fall,
        borderColor0: series.fall,
        borderColorDoji: series.fall,
        borderWidth: 2,
      },
    };
  }
  const { points, stroke, width, dash, isStepped, area } = series;
  return {
    ...common,
    type: "line",
    showSymbol: false,
    step: isStepped ? "end" : false,
    data: points,
    lineStyle:
      stroke === null ? { width: 0, opacity: 0 } : { color: stroke, width, type: dash ?? "solid", join: "round" },
    ...(area === null ? {} : { areaStyle: { origin: area.to, opacity: 1, color: fadeOf(area.fill) } }),
  };
}

const fadeOf = ({ top, bottom }: { readonly top: string; readonly bottom: string }): Option => ({
  type: "linear",
  x: 0,
  y: 0,
  x2: 0,
  y2: 1,
  colorStops: [
    { offset: 0, color: top },
    { offset: 1, color: bottom },
  ],
});

function element(shape: Shape, z: number): Option {
  const common = { silent: true, z };
  switch (shape.kind) {
    case "rect": {
      const { x, y, width, height, radius, fill, stroke } = shape;
      const style = { fill: fill ?? "none", ...(stroke === null ? {} : { stroke, lineWidth: 2 }) };
      return { ...common, type: "rect", shape: { x, y, width, height, r: radius }, style };
    }
    case "line": {
      const { points, stroke, width, dash } = shape;
      const style = { fill: "none", stroke, lineWidth: width, lineDash: dash ?? false, lineJoin: "round" };
      return { ...common, type: "polyline", shape: { points }, style };
    }
    case "dot": {
      const { x, y, radius, fill, stroke } = shape;
      return { ...common, type: "circle", shape: { cx: x, cy: y, r: radius }, style: { fill, stroke, lineWidth: 3 } };
    }
    case "text":
      return { ...common, type: "text", x: shape.x, y: shape.y, style: textStyle(shape) };
  }
}

function textStyle(shape: Extract<Shape, { kind: "text" }>): Option {
  return {
    text: shape.text,
    fill: shape.fill,
    fontFamily,
    fontSize: shape.size,
    fontWeight: shape.isBold ? "bold" : "normal",
    textAlign: shape.align,
    textVerticalAlign: "middle",
  };
}
