/** What the runner needs of the oracle. */
export { invariants } from "./invariants.ts";
