/** How much of what is logged of bad messages and text Open vSwitch 3.1 writes at once (VLOG_RATE_LIMIT_INIT). */

/** Later ones come one a minute, which a tool does not live to see. */
const BURST = 5;
/**
 * Messages with a limit of their own: module and how they begin. nx_match asks for leave twice for each, so that two use up the
 * burst.
 */
const OWN_LIMITS = [
  ["nx_match", "", 2],
  ["ofp_msgs", "unknown OpenFlow message", 1],
  ["ofp_msgs", "OpenFlow message has unknown vendor", 1],
  ["ofp_match", "normalization changed", 10],
] as const;

export interface LogLimit {
  /** What shares the limit. */
  readonly kind: string;
  /** So many at once. */
  readonly burst: number;
}

export function logLimit(module: string, message: string): LogLimit {
  const own = OWN_LIMITS.find(([of, beginning]) => of === module && message.startsWith(beginning));
  return own ? { kind: `${module} ${own[1]}`, burst: own[2] } : { kind: module, burst: BURST };
}

/** What a program has logged so far. */
export class LogBudget {
  readonly #written = new Map<string, number>();

  /** Whether one more message is written. */
  admits(module: string, message: string): boolean {
    const { kind, burst } = logLimit(module, message);
    const written = this.#written.get(kind) ?? 0;
    this.#written.set(kind, written + 1);
    return written < burst;
  }
}
