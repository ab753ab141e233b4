/** All planted bugs. */
import { consentMutants } from "./consent.ts";
import { houseMutants } from "./house.ts";
import type { Mutant } from "./mutant.ts";
import { orderMutants } from "./orders.ts";
import { positionMutants } from "./positions.ts";

export const mutants: readonly Mutant[] = [...orderMutants, ...positionMutants, ...consentMutants, ...houseMutants];
