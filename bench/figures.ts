/** What benchmarks print: medians, minima, percentiles and ratios of samples in ms. */

export type Row = { readonly name: string; readonly value: string; readonly target: string };

export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

export function milliseconds(samples: readonly number[]): string {
  const shown = (value: number) => value.toFixed(value < 10 ? 2 : 0);
  return `p50 ${shown(median(samples))} ms, p99 ${shown(percentile(samples, 0.99))} ms, min ${shown(Math.min(...samples))} ms, n ${samples.length}`;
}

export function printRows(title: string, rows: readonly Row[]): void {
  const width = Math.max(...rows.map((row) => row.name.length));
  process.stdout.write(
    `\n${title}\n${rows.map((row) => `  ${row.name.padEnd(width)}  ${row.value}   [${row.target}]`).join("\n")}\n`,
  );
}
