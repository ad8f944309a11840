// iperf3 -s: waits for clients, and does what they ask for, one after the other (iperf_server_api.c).

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { StreamListener, StreamSocket } from "../../system/stream-sockets.ts";
import { IPV6_ANY, ipv6ToBytes } from "../../wire/ipv6-address.ts";
import { resolveHost } from "../resolver/hosts.ts";
import { addressText, inetOf, IperfError } from "./addresses.ts";
import { Control, ControlClosed, COOKIE_LENGTH, STATE } from "./control.ts";
import { Mover } from "./mover.ts";
import type { IperfOptions } from "./options.ts";
import { Report } from "./report.ts";
import { resultsOf, sidesOf } from "./results.ts";
import { runTest } from "./run-test.ts";
import { congestionControl } from "./settings.ts";
import { TestStream } from "./stream.ts";
import { acceptUdp, bindUdp } from "./udp.ts";
import type { InetSocket } from "../../system/sockets.ts";

const RULE = "-----------------------------------------------------------\n";
const FIRST_DESCRIPTOR = 5;

/** What a client wants. */
interface Wish {
  readonly udp: boolean;
  readonly parallel: number;
  readonly reverse: boolean;
  readonly length: number;
  readonly bitrate: number;
  readonly bytes: number;
  readonly duration: number;
}

function wishOf(asked: Record<string, unknown>): Wish {
  const number = (name: string, otherwise = 0): number => {
    const value = asked[name];
    return typeof value === "number" ? value : otherwise;
  };
  return {
    udp: asked["udp"] === true,
    parallel: number("parallel", 1),
    reverse: asked["reverse"] === true,
    length: number("len", 128 * 1024),
    bitrate: number("bandwidth"),
    bytes: number("num"),
    duration: number("time"),
  };
}

export class Server {
  readonly #process: Process;
  readonly #options: IperfOptions;
  readonly #listener: StreamListener;
  #stopped = false;

  /** Listens. Errors: IperfError. */
  constructor(process: Process, options: IperfOptions) {
    this.#process = process;
    this.#options = options;
    try {
      this.#listener = process.listenStream(this.#place(), {
        backlog: 5,
        // Control messages are small and must not wait.
        noDelay: true,
        ...(options.device !== undefined && { device: options.device }),
      });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      throw new IperfError(`error - unable to start listener for connections: ${strerror(refusal.errno)}`);
    }
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.onSignal(signal, () => (this.#stopped = true));
  }

  #place(): { readonly family: "inet" | "inet6"; readonly address: Uint8Array; readonly port: number } {
    const { bind, family, port } = this.#options;
    if (bind !== undefined) {
      const address = resolveHost(this.#process, bind, family)[0]?.address ?? new Uint8Array(4);
      return { family: address.length === 4 ? "inet" : "inet6", address, port };
    }
    if (family === "inet") return { family, address: new Uint8Array(4), port };
    return { family: "inet6", address: ipv6ToBytes(IPV6_ANY), port };
  }

  /** Until it is told to end, or after one client with -1. The exit code. */
  async run(): Promise<number> {
    const process = this.#process;
    for (let test = 1; ; test++) {
      process.print(`${RULE}Server listening on ${this.#options.port} (test #${test})\n${RULE}`);
      const socket = await this.#accept();
      if (socket === undefined) return this.#interrupted();
      try {
        await this.#serve(socket);
      } catch (end) {
        if (!(end instanceof ControlClosed || end instanceof Refusal)) throw end;
        process.warn(
          "iperf3: error - unable to receive control message - port may not be available, the other side may have stopped running, etc.: Success\n",
        );
      }
      socket.close();
      if (this.#stopped) return this.#interrupted();
      if (this.#options.oneOff) return 0;
    }
  }

  #interrupted(): number {
    this.#listener.close();
    this.#process.flush();
    this.#process.warn("iperf3: interrupt - the server has terminated\n");
    return 1;
  }

  /** Undefined: a signal has come first. */
  async #accept(): Promise<StreamSocket | undefined> {
    for (;;) {
      const socket = this.#listener.accept();
      if (socket !== undefined) return socket;
      if (this.#stopped) return undefined;
      await this.#process.wait([this.#listener]);
    }
  }

  async #serve(socket: StreamSocket): Promise<void> {
    const process = this.#process;
    const control = new Control(process, socket);
    const cookie = new TextDecoder().decode(await control.read(COOKIE_LENGTH));
    const caller = inetOf(socket.remote);
    process.print(`Accepted connection from ${plainText(caller)}, port ${caller.port}\n`);
    control.writeState(STATE.PARAM_EXCHANGE);
    const wish = wishOf(await control.readJson());
    const first = wish.udp ? bindUdp(process, this.#options.port) : undefined;
    control.writeState(STATE.CREATE_STREAMS);
    const streams: TestStream[] = [];
    for (let index = 0; index < wish.parallel; index++) {
      const stream = wish.udp
        ? await this.#acceptDatagrams(index, wish, first)
        : await this.#acceptStream(index, wish, cookie);
      if (stream === undefined) return;
      streams.push(stream);
      this.#announce(stream);
    }
    control.writeState(STATE.TEST_START);
    const report = new Report({
      udp: wish.udp,
      sender: wish.reverse,
      format: this.#options.format,
      interval: this.#options.interval,
      print: (text) => process.print(text),
    });
    report.header();
    control.writeState(STATE.TEST_RUNNING);
    const mover = new Mover(process, streams, { length: wish.length, bitrate: wish.bitrate, most: 0 });
    await runTest(process, mover, control, report, {
      interval: this.#options.interval,
      duration: undefined,
      stopped: () => this.#stopped,
    });
    if (this.#stopped) {
      control.writeState(STATE.SERVER_TERMINATE);
      return;
    }
    if ((await control.readState()) !== STATE.TEST_END) throw new ControlClosed();
    for (const stream of streams) stream.close();
    control.writeState(STATE.EXCHANGE_RESULTS);
    await control.readJson();
    const own = resultsOf(streams, congestionControl(process));
    control.writeJson(own);
    control.writeState(STATE.DISPLAY_RESULTS);
    const sides = sidesOf(own);
    report.results(
      streams.map(({ id, descriptor, sender }) => ({
        descriptor,
        sent: sender ? sides.get(id) : undefined,
        received: sender ? undefined : sides.get(id),
      })),
    );
    await control.readState(); // IPERF_DONE
  }

  async #acceptStream(index: number, wish: Wish, cookie: string): Promise<TestStream | undefined> {
    const tcp = await this.#accept();
    if (tcp === undefined) return undefined;
    const own = new TextDecoder().decode(await new Control(this.#process, tcp).read(COOKIE_LENGTH));
    if (own !== cookie) {
      tcp.output.write(Uint8Array.of(STATE.ACCESS_DENIED));
      tcp.close();
      return this.#acceptStream(index, wish, cookie);
    }
    return new TestStream({ index, descriptor: descriptorOf(index), sender: wish.reverse, tcp });
  }

  async #acceptDatagrams(index: number, wish: Wish, first: InetSocket | undefined): Promise<TestStream> {
    const udp = index === 0 && first !== undefined ? first : bindUdp(this.#process, this.#options.port);
    await acceptUdp(this.#process, udp);
    return new TestStream({ index, descriptor: descriptorOf(index), sender: wish.reverse, udp });
  }

  #announce({ descriptor, tcp, udp }: TestStream): void {
    const local = tcp === undefined ? udp?.localAddress() : inetOf(tcp.local);
    const remote = tcp === undefined ? udp?.remoteAddress() : inetOf(tcp.remote);
    if (local === undefined || remote === undefined) return;
    this.#process.print(
      `[${String(descriptor).padStart(3)}] local ${plainText(local)} port ${local.port} connected to ${plainText(remote)} port ${remote.port}\n`,
    );
  }
}

/** The real one has other files open between its streams. */
function descriptorOf(index: number): number {
  return index === 0 ? FIRST_DESCRIPTOR : FIRST_DESCRIPTOR + 1 + 2 * index;
}

/** IPv4 in IPv6 is shown as IPv4 (mapped_v4_to_regular_v4). */
function plainText(address: { readonly address: Uint8Array }): string {
  return addressText(address).replace(/^::ffff:(?=\d+\.)/, "");
}
