/** All 26 promises, in the order of their numbers. */
import type { Invariant } from "../contract.ts";
import { approvalBinding } from "./approval_binding.ts";
import { atMostOnce } from "./at_most_once.ts";
import { auditComplete } from "./audit_complete.ts";
import { breakerSticky } from "./breaker_sticky.ts";
import { conservationOfMoney } from "./conservation_of_money.ts";
import { decimalOnly } from "./decimal_only.ts";
import { intentBeforeWire } from "./intent_before_wire.ts";
import { killDominates } from "./kill_dominates.ts";
import { lifecycleLegal } from "./lifecycle_legal.ts";
import { livenessExit, livenessUnknown } from "./liveness.ts";
import { modeIsolation } from "./mode_isolation.ts";
import { noDuplicateExposure } from "./no_duplicate_exposure.ts";
import { noJobAuthority } from "./no_job_authority.ts";
import { noSilentTerminal } from "./no_silent_terminal.ts";
import { ownedOnly } from "./owned_only.ts";
import { positionTruth } from "./position_truth.ts";
import { protectedPositions } from "./protected.ts";
import { riskCapsHold } from "./risk_caps_hold.ts";
import { secretsNeverLeak } from "./secrets_never_leak.ts";
import { singleExit } from "./single_exit.ts";
import { fenceMonotonic, singleWriter } from "./single_writer.ts";
import { staleDataNoTrade } from "./stale_data_no_trade.ts";
import { timeSanity } from "./time_sanity.ts";

/** One run can't show it: the runner plays seeds twice, in two processes, and compares the hashes of their traces. */
const determinism: Invariant = {
  id: "I26",
  name: "Determinism",
  statement:
    "The same seed on the same commit has the same trace hash; checked by main.ts, which runs seeds again in another process",
  open: () => ({ check: () => [] }),
};

export const invariants: readonly Invariant[] = [
  noDuplicateExposure,
  intentBeforeWire,
  noSilentTerminal,
  positionTruth,
  protectedPositions,
  singleExit,
  singleWriter,
  fenceMonotonic,
  killDominates,
  riskCapsHold,
  approvalBinding,
  modeIsolation,
  conservationOfMoney,
  decimalOnly,
  lifecycleLegal,
  auditComplete,
  atMostOnce,
  noJobAuthority,
  timeSanity,
  staleDataNoTrade,
  breakerSticky,
  livenessExit,
  livenessUnknown,
  secretsNeverLeak,
  ownedOnly,
  determinism,
];
