/** How late this process gets to its own work: the delay of its event loop, measured by the runtime itself. */
import { monitorEventLoopDelay } from "node:perf_hooks";

const resolutionMs = 10;

/** @returns asks for the 99th percentile of the delay since it was asked last, ms; beyond the measuring step itself. */
export function systemLoopLag(): () => number {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  return () => {
    const lateMs = delay.percentile(99) / 1e6 - resolutionMs;
    delay.reset();
    return Number.isFinite(lateMs) ? Math.max(0, Math.round(lateMs)) : 0;
  };
}
