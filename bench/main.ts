/** npm run bench [-- name ...]: runs the benchmarks one after the other and prints medians, percentiles and targets. Never fails by time. */
const benches = {
  tap_to_wire: () => import("./tap_to_wire.ts"),
  pause_race: () => import("./pause_race.ts"),
  start_times: () => import("./start_times.ts"),
  ledger_append: () => import("./ledger_append.ts"),
  flatten: () => import("./flatten.ts"),
  unprotected: () => import("./unprotected.ts"),
  queue_recovery: () => import("./queue_recovery.ts"),
  alerts: () => import("./alerts.ts"),
  storm: () => import("./storm.ts"),
  pictures: () => import("./pictures.ts"),
} as const;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}
for (const [name, load] of Object.entries(benches)) {
  if (wanted.length === 0 || wanted.includes(name)) await (await load()).run();
}
process.exit(0);
