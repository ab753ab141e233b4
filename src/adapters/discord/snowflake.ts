/** Discord ids carry the time of their making: milliseconds since 2015 in all but the lowest 22 bits. Pure. */
import { type Instant, instant } from "../../core/time.ts";

const discordEpochMs = 1_420_070_400_000n;

export function isSnowflake(text: string): boolean {
  return /^\d{17,20}$/.test(text);
}

/** Wall time of Discord's servers at which the thing was made. `id` must be a snowflake. */
export function snowflakeTime(id: string): Instant {
  return instant(Number((BigInt(id) >> 22n) + discordEpochMs));
}
