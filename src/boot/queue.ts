/** The queue: on the same PostgreSQL unless REDIS_URL names a Redis. */
import { postgresBackend, redisBackend } from "../adapters/bullmq/backends.ts";
import { openQueue as open } from "../adapters/bullmq/queue.ts";
import type { Config } from "../config.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Queue } from "../ports/queue.ts";
import type { Database } from "./database.ts";

export function openQueue(
  config: Config,
  database: Database,
  tools: { readonly clock: Clock; readonly log: Log },
): Queue {
  const redisUrl = config.environment.redisUrl?.reveal() ?? null;
  return open({
    ...tools,
    backend: (onError) =>
      redisUrl === null
        ? postgresBackend(database.address, onError)
        : redisBackend(redisUrl, `countersign-${config.mode}-${config.account}`, onError),
  });
}
