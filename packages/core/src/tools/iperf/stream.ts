// One stream of a test: what it has moved, since the start and since the last report.

import { decodeTcpInfo } from "../../netlink/sock-diag/tcp-info.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import type { InetSocket } from "../../system/sockets.ts";

/** Of one stream in one interval; times are seconds since the start. */
export interface IntervalResult {
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  readonly retransmits: number;
  /** Bytes. */
  readonly window: number;
  readonly peerWindow: number;
  /** µs */
  readonly rtt: number;
  readonly rttVariance: number;
  readonly pathMtu: number;
  /** Of UDP. */
  readonly packets: number;
  readonly lost: number;
  /** Seconds. */
  readonly jitter: number;
}

export class TestStream {
  /** As both sides know it: 1, 3, 4, ... */
  readonly id: number;
  /** The descriptor that the real one has. */
  readonly descriptor: number;
  readonly sender: boolean;
  readonly tcp: StreamSocket | undefined;
  readonly udp: InetSocket | undefined;
  readonly intervals: IntervalResult[] = [];
  bytes = 0;
  /** Datagrams: sent, or the highest number that came. */
  packets = 0;
  lost = 0;
  outOfOrder = 0;
  jitter = 0;
  previousTransit: number | undefined = undefined;
  /** Seconds, once it has ended. */
  endTime = 0;
  #bytesBefore = 0;
  #packetsBefore = 0;
  #lostBefore = 0;
  #retransmitsBefore = 0;

  constructor(fields: {
    readonly index: number;
    readonly descriptor: number;
    readonly sender: boolean;
    readonly tcp?: StreamSocket;
    readonly udp?: InetSocket;
  }) {
    this.id = fields.index === 0 ? 1 : fields.index + 2;
    this.descriptor = fields.descriptor;
    this.sender = fields.sender;
    this.tcp = fields.tcp;
    this.udp = fields.udp;
  }

  /** Segments that were sent again; undefined where nobody tells. */
  get retransmits(): number {
    return this.#info()?.totalRetransmits ?? 0;
  }

  #info(): ReturnType<typeof decodeTcpInfo> {
    const bytes = this.tcp?.information?.();
    return bytes === undefined ? undefined : decodeTcpInfo(bytes);
  }

  /** What has happened since the last time. */
  takeInterval(start: number, end: number): IntervalResult {
    const info = this.#info();
    const retransmits = info?.totalRetransmits ?? 0;
    const result: IntervalResult = {
      start,
      end,
      bytes: this.bytes - this.#bytesBefore,
      retransmits: retransmits - this.#retransmitsBefore,
      window: (info?.congestionWindow ?? 0) * (info?.sendMss ?? 0),
      peerWindow: info?.sendWindow ?? 0,
      rtt: info?.rtt ?? 0,
      rttVariance: info?.rttVariance ?? 0,
      pathMtu: info?.pathMtu ?? 0,
      packets: this.packets - this.#packetsBefore,
      lost: this.lost - this.#lostBefore,
      jitter: this.jitter,
    };
    this.#bytesBefore = this.bytes;
    this.#packetsBefore = this.packets;
    this.#lostBefore = this.lost;
    this.#retransmitsBefore = retransmits;
    this.intervals.push(result);
    return result;
  }

  close(): void {
    this.tcp?.close();
    this.udp?.close();
  }
}
