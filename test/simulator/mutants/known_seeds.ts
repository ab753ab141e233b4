/** Which seeds caught which planted bug, and at which step. Written by `npm run sim:mutants -- --learn`; the quick mode begins with them. */
export type KnownSeed = { readonly seed: string; readonly steps: number };

export const knownSeeds: Readonly<Record<string, readonly KnownSeed[]>> = {
  drop_tx2: [
    { seed: "mortal:1", steps: 46 },
    { seed: "doubt:1", steps: 46 },
  ],
  resend_on_timeout: [
    { seed: "doubt:2", steps: 190 },
    { seed: "doubt:3", steps: 190 },
  ],
  retry_of_the_post: [
    { seed: "doubt:1", steps: 135 },
    { seed: "lag:1", steps: 135 },
  ],
  timeout_means_not_sent: [
    { seed: "doubt:1", steps: 99 },
    { seed: "lag:1", steps: 99 },
  ],
  restart_means_not_sent: [
    { seed: "mortal:14", steps: 321 },
    { seed: "mortal:38", steps: 321 },
  ],
  wall_clock_stamp: [
    { seed: "halt:15", steps: 52 },
    { seed: "slow:25", steps: 52 },
  ],
  skip_t_dead: [
    { seed: "lag:1", steps: 351 },
    { seed: "doubt:3", steps: 351 },
  ],
  absent_after_one_look: [
    { seed: "lag:1", steps: 541 },
    { seed: "doubt:3", steps: 541 },
  ],
  failed_read_is_empty: [
    { seed: "doubt:4", steps: 437 },
    { seed: "doubt:9", steps: 437 },
  ],
  old_looks_prove: [
    { seed: "doubt:2", steps: 420 },
    { seed: "lag:10", steps: 420 },
  ],
  acknowledged_called_absent: [{ seed: "doubt:2", steps: 471 }],
  late_fills_ignored: [
    { seed: "parts:8", steps: 560 },
    { seed: "parts:9", steps: 560 },
  ],
  end_without_its_fills: [
    { seed: "parts:6", steps: 422 },
    { seed: "parts:8", steps: 79 },
  ],
  cancel_ack_is_canceled: [
    { seed: "zombie:1", steps: 385 },
    { seed: "outage:1", steps: 103 },
  ],
  cancel_without_a_fact: [
    { seed: "doubt:1", steps: 299 },
    { seed: "doubt:2", steps: 115 },
  ],
  repeated_fill_recorded: [
    { seed: "doubt:1", steps: 75 },
    { seed: "doubt:2", steps: 77 },
  ],
  repeated_fill_counted: [
    { seed: "doubt:1", steps: 75 },
    { seed: "doubt:2", steps: 77 },
  ],
  swap_exit_priority: [
    { seed: "doubt:1", steps: 318 },
    { seed: "mortal:1", steps: 631 },
  ],
  second_exit_while_unknown: [
    { seed: "doubt:3", steps: 320 },
    { seed: "doubt:4", steps: 305 },
  ],
  sell_before_the_stop_is_gone: [{ seed: "doubt:1", steps: 314 }],
  sell_beside_the_stop: [
    { seed: "doubt:1", steps: 125 },
    { seed: "doubt:2", steps: 116 },
  ],
  stop_of_the_ordered_size: [{ seed: "doubt:2", steps: 216 }],
  stop_is_never_resized: [{ seed: "parts:8", steps: 256 }],
  stop_lost_unnoticed: [{ seed: "hands:18", steps: 207 }],
  guard_in_place_of_a_stop: [
    { seed: "doubt:2", steps: 115 },
    { seed: "doubt:3", steps: 195 },
  ],
  refused_stop_forgotten: [
    { seed: "refusal:7", steps: 99 },
    { seed: "refusal:22", steps: 251 },
  ],
  exit_waits_for_ever: [
    { seed: "doubt:1", steps: 377 },
    { seed: "doubt:2", steps: 168 },
  ],
  fee_ignored_in_quantity: [
    { seed: "doubt:1", steps: 60 },
    { seed: "doubt:2", steps: 67 },
  ],
  fee_counted_twice: [
    { seed: "doubt:1", steps: 60 },
    { seed: "doubt:2", steps: 67 },
  ],
  profit_without_fees: [
    { seed: "lag:1", steps: 224 },
    { seed: "doubt:4", steps: 517 },
  ],
  float_quantity: [
    { seed: "doubt:1", steps: 273 },
    { seed: "mortal:1", steps: 224 },
  ],
  price_off_tick: [
    { seed: "doubt:1", steps: 383 },
    { seed: "doubt:2", steps: 175 },
  ],
  approval_not_consumed: [
    { seed: "doubt:1", steps: 54 },
    { seed: "doubt:2", steps: 62 },
  ],
  client_id_by_chance: [
    { seed: "doubt:1", steps: 54 },
    { seed: "doubt:2", steps: 62 },
  ],
  digest_not_compared: [
    { seed: "doubt:1", steps: 54 },
    { seed: "doubt:2", steps: 62 },
  ],
  digest_without_the_stop: [
    { seed: "doubt:1", steps: 38 },
    { seed: "doubt:2", steps: 61 },
  ],
  vote_after_no_counts: [
    { seed: "doubt:4", steps: 129 },
    { seed: "slow:4", steps: 44 },
  ],
  expired_approval_executes: [
    { seed: "slow:8", steps: 142 },
    { seed: "slow:14", steps: 438 },
  ],
  any_role_decides: [
    { seed: "slow:1", steps: 299 },
    { seed: "slow:2", steps: 604 },
  ],
  a_stranger_decides: [{ seed: "halt:5", steps: 25 }],
  message_taken_twice: [
    { seed: "doubt:3", steps: 7 },
    { seed: "deaf:1", steps: 305 },
  ],
  entry_at_pause: [
    { seed: "halt:5", steps: 158 },
    { seed: "halt:7", steps: 370 },
  ],
  level_forgotten_at_restart: [
    { seed: "halt:1", steps: 270 },
    { seed: "halt:2", steps: 263 },
  ],
  breaker_forgotten_at_restart: [{ seed: "deaf:16", steps: 559 }],
  open_breaker_ignored: [
    { seed: "doubt:1", steps: 376 },
    { seed: "outage:2", steps: 601 },
  ],
  exposure_ignores_unknown: [
    { seed: "doubt:3", steps: 124 },
    { seed: "lag:1", steps: 348 },
  ],
  reservation_released_on_timeout: [
    { seed: "doubt:3", steps: 124 },
    { seed: "lag:1", steps: 348 },
  ],
  house_trades_before_ready: [
    { seed: "mortal:2", steps: 225 },
    { seed: "mortal:4", steps: 258 },
  ],
  facts_reordered: [
    { seed: "doubt:1", steps: 54 },
    { seed: "doubt:2", steps: 61 },
  ],
  hash_without_the_actor: [
    { seed: "doubt:1", steps: 2 },
    { seed: "doubt:2", steps: 2 },
  ],
  orders_table_not_written: [
    { seed: "doubt:1", steps: 100 },
    { seed: "doubt:2", steps: 100 },
  ],
};
