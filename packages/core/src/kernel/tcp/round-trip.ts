// Round-trip times and the retransmission timeout (RFC 6298, with Linux's least deviation of the last round trip:
// tcp_rtt_estimator). Times are microseconds.

const MICROSECONDS = 1e6;
/** TCP_RTO_MIN, TCP_RTO_MAX, TCP_TIMEOUT_INIT. */
export const RTO_MIN = 0.2 * MICROSECONDS;
export const RTO_MAX = 120 * MICROSECONDS;
export const RTO_FIRST = 1 * MICROSECONDS;
/** Window of the least round-trip time (tcp_min_rtt_wlen). */
const LEAST_WINDOW = 300 * MICROSECONDS;

export class RoundTrip {
  /** Smoothed, in eighths of microseconds; 0: nothing has been measured. */
  srtt8 = 0;
  /** Medium deviation, in quarters. */
  mdev4 = 0;
  #mdevMax4 = 0;
  /** Deviation that the timeout is made of. */
  rttvar = 0;
  rto = RTO_FIRST;
  least = Number.POSITIVE_INFINITY;
  #leastAt = 0;
  /** Sequence number that ends the present round trip. */
  #roundEnd = 0;

  /**
   * A sample of `rtt` µs, taken at `now` µs, for what was before `acknowledged`; `next` is what will be sent next. `network`: without
   * what the receiver waited.
   */
  sample(rtt: number, now: number, acknowledged: number, next: number, network = rtt): void {
    if (network <= this.least || now - this.#leastAt > LEAST_WINDOW) {
      this.least = Math.max(1, Math.floor(network));
      this.#leastAt = now;
    }
    this.#smooth(Math.max(1, Math.floor(rtt)), acknowledged, next);
    this.rto = Math.min(Math.floor(this.srtt8 / 8) + this.rttvar, RTO_MAX);
  }

  #smooth(rtt: number, acknowledged: number, next: number): void {
    if (this.srtt8 === 0) {
      this.srtt8 = rtt * 8;
      this.mdev4 = rtt * 2;
      this.rttvar = Math.max(this.mdev4, RTO_MIN);
      this.#mdevMax4 = this.rttvar;
      this.#roundEnd = next;
      return;
    }
    let error = rtt - Math.floor(this.srtt8 / 8);
    this.srtt8 = Math.max(1, this.srtt8 + error);
    if (error < 0) {
      error = -error - Math.floor(this.mdev4 / 4);
      // A sudden good sample does not move the deviation much (Eifel).
      if (error > 0) error = Math.floor(error / 8);
    } else error -= Math.floor(this.mdev4 / 4);
    this.mdev4 += error;
    if (this.mdev4 > this.#mdevMax4) {
      this.#mdevMax4 = this.mdev4;
      if (this.#mdevMax4 > this.rttvar) this.rttvar = this.#mdevMax4;
    }
    if (((acknowledged - this.#roundEnd) | 0) <= 0) return;
    if (this.#mdevMax4 < this.rttvar) this.rttvar -= Math.floor((this.rttvar - this.#mdevMax4) / 4);
    this.#roundEnd = next;
    this.#mdevMax4 = RTO_MIN;
  }

  /** Smoothed, µs. */
  get smoothed(): number {
    return this.srtt8 / 8;
  }
}
