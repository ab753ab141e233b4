/**
 * Where the doorbell hangs: in our own PostgreSQL (schema bullmq) or in Redis. Everything that differs between the two.
 * All connections have an error listener from their first moment: an outage is a log line and never the end of the process.
 */
import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  Queue,
  runMigrations,
  Worker,
  withBackend,
} from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { mark } from "../../core/mark.ts";

export type Payload = Readonly<Record<string, string>>;
/** The part of BullMQ that is used here. Its own classes have eight type parameters each, which differ by backend. */
export type BullQueue = {
  add(name: string, data: Payload, options: object): Promise<unknown>;
  upsertJobScheduler(
    id: string,
    repeat: { every: number },
    template: { name: string; data: Payload; opts: object },
  ): Promise<unknown>;
  getJobSchedulers(
    first: number,
    last: number,
  ): Promise<readonly { readonly key: string; readonly every?: number | undefined }[]>;
  removeJobScheduler(id: string): Promise<boolean>;
};
export type BullWorker = {
  run(): Promise<void>;
  on(event: "failed", listener: (job: { readonly name: string } | undefined, error: Error) => void): unknown;
};
export type Handle = (job: {
  readonly name: string;
  readonly data: unknown;
  readonly attemptsMade: number;
}) => Promise<void>;

/**
 * A thing that may be used only once `ready` has resolved. BullMQ remembers a failed beginning for ever (every later call
 * then fails at once, and a running worker asks again without a pause), so one that is not ready is closed and made anew.
 */
export type Opening<Thing> = {
  readonly thing: Thing;
  readonly ready: Promise<unknown>;
  /** `isForced` does not wait for jobs that run. */
  close(isForced: boolean): Promise<void>;
};

export type Backend = {
  /** "postgres" or "redis", for log lines. */
  readonly kind: string;
  /** Makes what the backend needs in its store; harmless when it is there. */
  prepare(): Promise<void>;
  queue(name: string): Opening<BullQueue>;
  /** Hears nothing until run(). */
  worker(name: string, handle: Handle, pace: WorkerPace): Opening<BullWorker>;
  /** What in the set-up of the store could lose rings, in words; null = nothing. */
  weakness(): Promise<string | null>;
  /** Closes the connections; call it after queues and workers are closed. */
  end(): Promise<void>;
};

export type WorkerPace = {
  readonly concurrency: number;
  /** A job whose worker has said nothing for so long counts as left by it, ms. */
  readonly stalledMs: number;
};

type Common = {
  waitUntilReady(): Promise<unknown>;
  close(isForced?: boolean): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
};

function opening<Thing>(
  made: Thing & Common,
  tools: { onError: (error: Error) => void; onClosed: () => void },
): Opening<Thing> {
  made.on("error", tools.onError);
  const ready = made.waitUntilReady();
  // Whoever waits for it hears of the failure; nobody waiting is no reason to end the process.
  ready.catch(() => undefined);
  return { thing: made, ready, close: (isForced) => made.close(isForced).finally(tools.onClosed) };
}

export type QueueAddress =
  | { readonly url: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
    };

const schema = "bullmq";
/** A worker keeps one connection for listening; the rest is for its jobs, the queue and the checks. */
const poolSize = 8;

export function postgresBackend(address: QueueAddress, onError: (error: Error) => void): Backend {
  const pool = new pg.Pool({
    ...("url" in address ? { connectionString: address.url } : address),
    max: poolSize,
    application_name: "countersign queue",
    connectionTimeoutMillis: 2_000,
    // A server that does not answer would otherwise keep a ring waiting for ever.
    query_timeout: 8_000,
    statement_timeout: 7_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    // Nothing else may use this pool: an unqualified table would land in BullMQ's schema.
    options: `-c search_path=${schema} -c client_min_messages=warning`,
  });
  pool.on("error", onError);
  pool.on("connect", (client) => client.on("error", () => undefined));
  // BullMQ describes the pool by types of its own, which pg's types do not satisfy although the objects do.
  const connection = pool as unknown as PostgresConnectionOptions;
  const classes = withBackend(createPostgresBackend);
  const tools = { onError, onClosed: () => undefined };
  return {
    kind: "postgres",
    async prepare() {
      const client = await pool.connect();
      let isBroken = true;
      try {
        await runMigrations(client, schema);
        isBroken = false;
      } finally {
        client.release(isBroken);
      }
    },
    queue: (name) => opening<BullQueue>(new classes.Queue<Payload>(name, { connection }), tools),
    worker: (name, handle, pace) =>
      opening<BullWorker>(
        new classes.Worker<Payload>(name, handle, { connection, ...workerOptions(pace), autorun: false }),
        tools,
      ),
    weakness: () => Promise.resolve(null),
    end: () => pool.end(),
  };
}

/** What a job without options of its own leaves behind: it was made by somebody else, and must not fill the store. */
const workerOptions = ({ concurrency, stalledMs }: WorkerPace) => ({
  concurrency,
  lockDuration: stalledMs,
  stalledInterval: stalledMs,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 50 },
});

/** @param prefix keeps houses that share one Redis apart. */
export function redisBackend(url: string, prefix: string, onError: (error: Error) => void): Backend {
  const open = new Set<Redis>();
  let asking: Redis | null = null;
  const connect = (enableOfflineQueue: boolean): Redis => {
    // BullMQ demands null here; anything else leaves a connection without a listener behind when it refuses.
    const client = new Redis(url, { maxRetriesPerRequest: null, connectTimeout: 2_000, enableOfflineQueue });
    client.on("error", onError);
    open.add(client);
    return client;
  };
  const toolsFor = (client: Redis) => ({
    onError,
    onClosed() {
      open.delete(client);
      client.disconnect();
    },
  });
  return {
    kind: "redis",
    prepare: () => Promise.resolve(),
    // Without an offline queue a ring fails at once while Redis is away, instead of piling up.
    queue(name) {
      const connection = connect(false);
      asking = connection;
      return opening<BullQueue>(new Queue<Payload>(name, { connection, prefix }), toolsFor(connection));
    },
    worker(name, handle, pace) {
      const connection = connect(true);
      const options = { connection, prefix, ...workerOptions(pace), autorun: false };
      return opening<BullWorker>(new Worker<Payload>(name, handle, options), toolsFor(connection));
    },
    async weakness() {
      const policy = /maxmemory_policy:([\w-]+)/.exec((await asking?.info("memory")) ?? "")?.[1] ?? "noeviction";
      if (policy === "noeviction") return null;
      mark("R05.redis_may_evict");
      return `Redis may throw jobs away (maxmemory-policy is ${policy}); set it to noeviction`;
    },
    end() {
      for (const client of open) client.disconnect();
      return Promise.resolve();
    },
  };
}
