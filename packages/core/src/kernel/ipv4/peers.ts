// What the host remembers of the hosts that it sends errors to (net/ipv4/inetpeer.c): token buckets, so that nobody gets
// more than a few ICMP errors a second.

/** Jiffies are the unit of all times here, as in Linux: rates are exact to a tick. */
export interface Peer {
  tokens: number;
  /** When tokens were last given. */
  last: number;
  /** Redirects sent without effect. */
  redirects: number;
  /** When it was last asked for. */
  used: number;
}

/** inet_peer_threshold and a little: above, the longest unused goes. */
const LIMIT = 65_536 + 128;
/** A new peer starts with a full bucket: its last tokens are a minute old. */
const INITIAL_AGE_SECONDS = 60;
/** XRLIM_BURST_FACTOR: errors that may go out at once. */
const BURST = 6;

export class PeerTable {
  readonly #peers = new Map<number, Peer>();

  /** inet_getpeer_v4() */
  get(address: number, jiffies: number, hz: number): Peer {
    let peer = this.#peers.get(address);
    if (peer === undefined) {
      if (this.#peers.size >= LIMIT) this.#evict();
      peer = { tokens: 0, last: jiffies - INITIAL_AGE_SECONDS * hz, redirects: 0, used: jiffies };
      this.#peers.set(address, peer);
    }
    peer.used = jiffies;
    return peer;
  }

  #evict(): void {
    let oldest: number | undefined;
    let age = Infinity;
    for (const [address, { used }] of this.#peers) {
      if (used >= age) continue;
      age = used;
      oldest = address;
    }
    if (oldest !== undefined) this.#peers.delete(oldest);
  }
}

/** inet_peer_xrlim_allow(): takes one error's worth (`interval` jiffies) out of the bucket if it is there. */
export function allowError(peer: Peer, interval: number, jiffies: number): boolean {
  return takeTokens(peer, interval, BURST * interval, jiffies);
}

/** The bucket itself: `cost` out of at most `limit`. */
export function takeTokens(peer: Peer, cost: number, limit: number, jiffies: number): boolean {
  peer.tokens = Math.min(limit, peer.tokens + jiffies - peer.last);
  peer.last = jiffies;
  if (peer.tokens < cost) return false;
  peer.tokens -= cost;
  return true;
}
