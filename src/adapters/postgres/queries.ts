/** Every query of this folder, so that one test can plan them all against the migrated schema. */
import {
  accountQuery,
  alertsQuery,
  answersQuery,
  closesQuery,
  daysQuery,
  gapsQuery,
  pulsesQuery,
  refusalsQuery,
  storyQuery,
  tradesLikeQuery,
} from "./archive.ts";
import { settingsQuery } from "./check_settings.ts";
import { readEventsQuery, readHeadQuery } from "./event_rows.ts";
import { legalMovesQuery } from "./legal_moves.ts";
import { newestSnapshotQuery } from "./snapshot.ts";
import { differingFillsQuery } from "./verify_rows.ts";
import { changesOfEventsQuery } from "./verify_tail.ts";

export const queries = [
  accountQuery,
  alertsQuery,
  answersQuery,
  changesOfEventsQuery,
  closesQuery,
  daysQuery,
  differingFillsQuery,
  gapsQuery,
  legalMovesQuery,
  settingsQuery,
  newestSnapshotQuery,
  pulsesQuery,
  readEventsQuery,
  readHeadQuery,
  refusalsQuery,
  storyQuery,
  tradesLikeQuery,
] as const;
