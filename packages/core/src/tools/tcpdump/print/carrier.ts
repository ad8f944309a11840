// What printers above IP may need to know about the header that carries them.

export interface Carrier {
  /** 4 or 6 */
  readonly version: number;
  readonly fragmented: boolean;
  /** TTL or hop limit */
  readonly ttl: number;
  /** Offset of the IP header. */
  readonly header: number;
}
