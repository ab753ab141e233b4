/** Ids as the platform makes them: milliseconds since 2015 in the upper 42 bits, a running number below. */
const discordEpoch = 1_420_070_400_000n;

export type Snowflakes = (at: number) => string;

/** Every call gives a new id; ids of one millisecond differ in the running number. */
export function makeSnowflakes(): Snowflakes {
  let running = 0n;
  return (at) => {
    running += 1n;
    return (((BigInt(at) - discordEpoch) << 22n) | (running & 0x3fffffn)).toString();
  };
}

/** Unix milliseconds. */
export function timeOf(snowflake: string): number {
  return Number((BigInt(snowflake) >> 22n) + discordEpoch);
}
