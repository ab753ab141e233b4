/** Every query of this folder, so that one test can plan them all against the migrated schema. */
import { readEventsQuery, readHeadQuery } from "./event_rows.ts";
import { newestSnapshotQuery } from "./snapshot.ts";

export const queries = [newestSnapshotQuery, readEventsQuery, readHeadQuery] as const;
