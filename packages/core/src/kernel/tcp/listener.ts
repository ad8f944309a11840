// Listening sockets (RFC 9293, 3.10.1, passive open): who may take which port, the SYNs that were answered, and the connections that
// wait to be accepted. Kernel counterpart: inet_csk_get_port, inet_csk_listen_start, tcp_conn_request.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { Wakers } from "../../system/streams.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import { coreSetting } from "../core-sysctls.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { Netns } from "../netns.ts";
import type { IpAddress, SocketFamily } from "../sockets/ip-address.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { SocketIdentity } from "./connect.ts";
import { tcpCounters } from "./counters.ts";
import { abort, finish } from "./ending.ts";
import { bindConflicts } from "./bind.ts";
import { ConnectionRequest } from "./request.ts";
import { answerWithReset } from "./reset.ts";
import type { ArrivedSegment } from "./segment.ts";
import { bufferSizes } from "./settings.ts";
import type { SocketSettings, Tcb } from "./tcb.ts";
import { sendReset } from "./transmit.ts";
import type { Ends } from "./way.ts";

export interface ListenerAddress {
  /** Undefined: any address. */
  readonly local: IpAddress | undefined;
  /** 0: any free port. */
  readonly port: number;
}

export interface ListenOptions extends SocketIdentity {
  readonly table: ConnectionTable;
  readonly v6only: boolean;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly backlog: number;
}

export class Listener {
  readonly identity: SocketIdentity;
  readonly netns: Netns;
  readonly table: ConnectionTable;
  readonly family: SocketFamily;
  readonly local: IpAddress | undefined;
  readonly port: number;
  readonly v6only: boolean;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly backlog: number;
  readonly settings: SocketSettings;
  readonly inode: number;
  readonly receiveBuffer: number;
  readonly wakers = new Wakers();
  readonly requests = new Set<ConnectionRequest>();
  readonly accepted: Tcb[] = [];
  closed = false;
  /** errno that accept(2) meets. */
  error = 0;

  /** bind(2) and listen(2). Errors: EADDRINUSE. */
  constructor(options: ListenOptions, { local, port }: ListenerAddress) {
    this.identity = options;
    this.netns = options.netns;
    this.table = options.table;
    this.family = options.family;
    this.v6only = options.v6only;
    this.reuseAddress = options.reuseAddress;
    this.reusePort = options.reusePort;
    this.backlog = Math.min(options.backlog, coreSetting(this.netns.kernel, "somaxconn"));
    this.settings = options.settings;
    this.local = local;
    this.receiveBuffer = options.settings.receiveBuffer ?? bufferSizes(this.netns, "tcp_rmem").first;
    this.port = port === 0 ? this.#freePort() : port;
    if (bindConflicts(this.table, this)) throw new Refusal(ERRNO.EADDRINUSE);
    this.inode = this.netns.kernel.nextSocketInode();
    this.table.listen(this);
    this.netns.retain();
  }

  get boundDevice(): number {
    return this.identity.way.device;
  }

  get takesIpv4(): boolean {
    return this.family === "inet" || (!this.v6only && typeof this.local !== "string");
  }

  get takesIpv6(): boolean {
    return this.family === "inet6" && typeof this.local !== "number";
  }

  /** Odd ports first (inet_csk_find_open_port). */
  #freePort(): number {
    const { localPortFirst, localPortLast } = ipv4Of(this.netns).settings;
    const count = localPortLast - localPortFirst + 1;
    const start = this.netns.kernel.random.below(count) & ~1;
    for (const parity of [1, 0])
      for (let step = 0; step < count; step += 2) {
        const port = localPortFirst + ((start + step + parity) % count);
        if (!this.table.portInUse(port)) return port;
      }
    throw new Refusal(ERRNO.EADDRINUSE);
  }

  /** More connections wait than the program wanted. */
  get isFull(): boolean {
    return this.accepted.length > this.backlog;
  }

  /**
   * LISTEN (RFC 9293, 3.10.7.2). `iss`: of a connection that takes the place of one in TIME-WAIT; `taken` hears that the segment is,
   * before it is answered.
   */
  arrive(
    segment: ArrivedSegment,
    ends: Ends,
    device: number,
    iss?: number,
    taken?: () => void,
  ): DropReason | undefined {
    if (segment.rst) return "TCP_RESET";
    if (segment.ack) {
      answerWithReset(segment);
      return "TCP_FLAGS";
    }
    if (!segment.syn || segment.fin) return "TCP_FLAGS";
    const counters = tcpCounters(this.netns);
    if (this.isFull) {
      counters.count("ListenOverflows");
      counters.count("ListenDrops");
      return "TCP_LISTEN_OVERFLOW";
    }
    const options = { ...this.identity.way, device: this.boundDevice || device };
    const request = new ConnectionRequest(this, ends, options, segment, iss);
    this.table.add(request);
    this.requests.add(request);
    taken?.();
    request.begin(segment.packet);
    return undefined;
  }

  queue(tcb: Tcb): void {
    this.accepted.push(tcb);
    tcb.onEnd = () => {
      const at = this.accepted.indexOf(tcb);
      // One that was reset can still be accepted, and then be read to its end.
      if (at >= 0 && this.closed) this.accepted.splice(at, 1);
    };
  }

  wake(): void {
    this.wakers.wake();
  }

  /** accept(2) */
  accept(): Tcb | undefined {
    return this.accepted.shift();
  }

  /** inet_csk_listen_stop(): who waits is reset. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.table.unlisten(this);
    for (const request of [...this.requests]) request.end();
    for (const tcb of this.accepted.splice(0)) {
      tcb.orphaned = true;
      if (tcb.state !== "CLOSED") {
        sendReset(tcb);
        finish(tcb);
      }
    }
    this.netns.release();
  }

  /** Ended from outside (SOCK_DESTROY). */
  destroy(errno: number): void {
    this.error = errno;
    for (const tcb of this.accepted.splice(0)) abort(tcb, errno);
    this.close();
    this.wakers.wake();
  }
}
