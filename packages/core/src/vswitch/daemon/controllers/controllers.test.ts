// Controllers of a bridge: what the database and the log say, fail-open, roles, rate limits, snooping. Texts, states and
// delays are those of ovs-vswitchd 3.1.0, seen with the same configuration and ovs-testcontroller.

import { describe, expect, test } from "vitest";
import { EmbeddedSystem } from "../../../embedded.ts";
import type { OpenVswitch } from "../../open-vswitch.ts";
import { decodeMessage } from "../../../ovsproto/openflow/message-decode.ts";
import { encodeMessage } from "../../../ovsproto/openflow/message-encode.ts";
import type { MessageBody } from "../../../ovsproto/openflow/message-body.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { StreamListener, StreamSocket } from "../../../system/stream-sockets.ts";

const SECOND = 1e9;
const VERSION = 4;

/** A bridge with the given controllers, and time that passes when it is told to. */
class Bed {
  readonly system: EmbeddedSystem;
  readonly openVswitch: OpenVswitch;
  readonly #host;
  readonly #database;

  static async open(): Promise<Bed> {
    const system = new EmbeddedSystem({ host: { turn: () => Promise.resolve() }, loopbackUp: true });
    return new Bed(system, await system.switchDaemons.load());
  }

  private constructor(system: EmbeddedSystem, openVswitch: OpenVswitch) {
    this.system = system;
    this.openVswitch = openVswitch;
    this.#database = openVswitch.server.local("Open_vSwitch");
    this.#host = { pid: 1, cwd: "/", netns: system.initialNetns };
  }

  async configure(targets: readonly string[], failMode: string, columns: Record<string, number> = {}) {
    this.#database.transact((write) => {
      const iface = write.insert("Interface", { name: "br0", type: "internal" });
      const port = write.insert("Port", { name: "br0", interfaces: [iface] });
      const controller = targets.map((target) => write.insert("Controller", { target, ...columns }));
      const bridge = write.insert("Bridge", { name: "br0", ports: [port], fail_mode: failMode, controller });
      const [root] = this.#database.rows("Open_vSwitch");
      write.set("Open_vSwitch", root?.uuid ?? "", { bridges: [bridge] });
    });
    await this.pass(0.001);
  }

  async pass(seconds: number): Promise<void> {
    const until = this.system.monotonic() + seconds * SECOND;
    this.system.after(seconds * SECOND, () => {});
    await this.system.run(() => this.system.monotonic() >= until);
  }

  controllers(): Record<string, unknown> {
    return Object.fromEntries(
      this.#database.rows("Controller").map((row) => {
        const status = Object.fromEntries(row.map("status"));
        return [
          row.string("target"),
          { connected: row.boolean("is_connected"), role: row.string("role"), status },
        ];
      }),
    );
  }

  listen(path: string): StreamListener {
    return this.system.listenStream(this.#host, { family: "unix", path });
  }

  connect(path: string): Peer {
    return new Peer(this.system.connectStream(this.#host, { family: "unix", path }));
  }

  get log(): string[] {
    const bytes = this.system.files(this.#host).readFile("/var/log/openvswitch/ovs-vswitchd.log");
    return new TextDecoder()
      .decode(bytes)
      .trim()
      .split("\n")
      .map((line) => line.split("|").slice(2).join("|"));
  }

  flows(): string[] {
    return this.openVswitch.service.control.run("bridge/dump-flows", ["br0"]).split("\n").slice(0, -5);
  }
}

/** The other end of a connection: a controller, or a tool. */
class Peer {
  readonly #socket: StreamSocket;
  #pending = new Uint8Array();
  readonly bodies: MessageBody[] = [];

  constructor(socket: StreamSocket) {
    this.#socket = socket;
    this.send({ type: "hello", versions: 1 << VERSION, odd: false });
  }

  send(body: MessageBody): void {
    this.#socket.output.write(encodeMessage({ version: VERSION, xid: 7, body }));
  }

  /** Types of the messages that have come since the last time. */
  received(): string[] {
    const before = this.bodies.length;
    for (let bytes = this.#socket.input.read(); bytes; bytes = this.#socket.input.read()) {
      this.#pending = Uint8Array.from([...this.#pending, ...bytes]);
    }
    while (this.#pending.length >= 8) {
      const length = ((this.#pending[2] as number) << 8) | (this.#pending[3] as number);
      const decoded = decodeMessage(this.#pending.slice(0, length));
      if (decoded instanceof OpenflowError) throw new Error(decoded.name);
      this.bodies.push(decoded.message.body);
      this.#pending = this.#pending.slice(length);
    }
    return this.bodies.slice(before).map(({ type }) => type);
  }

  close(): void {
    this.#socket.close();
  }
}

const DIRECTORY = "/var/run/openvswitch";

describe("a controller that cannot be reached", () => {
  test("is tried after 1, 2, 4 and then every 8 seconds; its column tells why", async () => {
    const bed = await Bed.open();
    await bed.configure([`unix:${DIRECTORY}/x`, "tcp:127.0.0.1:99", "tcp:zzz", "ptcp:"], "secure");
    await bed.pass(16);
    const failed = (error: string) => ({
      connected: false,
      role: undefined,
      status: { last_error: error, state: "BACKOFF" },
    });
    expect(bed.controllers()).toEqual({
      [`unix:${DIRECTORY}/x`]: failed("No such file or directory"),
      "tcp:127.0.0.1:99": failed("Connection refused"),
      "tcp:zzz": failed("Address family not supported by protocol"),
      "ptcp:": { connected: false, role: undefined, status: {} },
    });
    const about = `rconn|INFO|br0<->unix:${DIRECTORY}/x: `;
    expect(bed.log.filter((line) => line.startsWith(about)).map((line) => line.slice(about.length))).toEqual([
      "connecting...",
      "waiting 1 seconds before reconnect",
      "connecting...",
      "waiting 2 seconds before reconnect",
      "connecting...",
      "waiting 4 seconds before reconnect",
      "connecting...",
      "continuing to retry connections in the background but suppressing further logging",
    ]);
  });
  test("may be the bridge itself, by TCP", async () => {
    const bed = await Bed.open();
    await bed.configure(["tcp:127.0.0.1", "ptcp:"], "secure");
    await bed.pass(6);
    expect(bed.controllers()).toMatchObject({
      "tcp:127.0.0.1": { connected: true, status: { state: "ACTIVE" } },
    });
  });
  test("leaves a standalone bridge to itself after three probes, until one comes", async () => {
    const bed = await Bed.open();
    await bed.configure([`unix:${DIRECTORY}/x`], "standalone");
    await bed.pass(14);
    expect(bed.flows()).toEqual([]);
    await bed.pass(2);
    expect(bed.flows()).toEqual([expect.stringMatching(/priority=15790320,actions=NORMAL$/)]);
    expect(bed.log).toContain(
      "fail_open|WARN|Could not connect to controller (or switch failed controller's post-connection admission control policy) for 15 seconds, failing open",
    );
    const listener = bed.listen(`${DIRECTORY}/x`);
    await bed.pass(8);
    const peer = new Peer(listener.accept() as StreamSocket);
    await bed.pass(4);
    // a frame from nowhere, to see whether the controller answers
    expect(peer.received()).toEqual(["hello", "packet_in"]);
    peer.send({ type: "barrier_request" });
    await bed.pass(1);
    expect(bed.flows()).toEqual([]);
    expect(bed.log).toContain("fail_open|WARN|No longer in fail-open mode");
  });
  test("leaves a secure bridge without flows", async () => {
    const bed = await Bed.open();
    await bed.configure([`unix:${DIRECTORY}/x`], "secure");
    await bed.pass(40);
    expect(bed.flows()).toEqual([]);
  });
});

describe("a connected controller", () => {
  async function connected(columns: Record<string, number> = {}) {
    const bed = await Bed.open();
    const listener = bed.listen(`${DIRECTORY}/x`);
    await bed.configure([`unix:${DIRECTORY}/x`], "secure", columns);
    const peer = new Peer(listener.accept() as StreamSocket);
    await bed.pass(0.1);
    return { bed, peer, listener };
  }
  const status = (bed: Bed) => Object.values(bed.controllers())[0];

  test("is asked for an echo every five seconds and given up when it is silent", async () => {
    const { bed, peer } = await connected();
    await bed.pass(5.1);
    expect(peer.received()).toEqual(["hello", "echo_request"]);
    expect(status(bed)).toEqual({
      connected: true,
      role: "other",
      status: { state: "ACTIVE", sec_since_connect: expect.stringMatching(/^[45]$/) },
    });
    await bed.pass(10);
    expect(status(bed)).toMatchObject({
      connected: false,
      status: { last_error: "Connection timed out" },
    });
    expect(bed.log).toContain(
      `rconn|WARN|br0<->unix:${DIRECTORY}/x: no response to inactivity probe after 5 seconds, disconnecting`,
    );
  });
  test("that closes is told as such", async () => {
    const { bed, peer, listener } = await connected();
    listener.close();
    peer.close();
    await bed.pass(6);
    expect(status(bed)).toMatchObject({
      connected: false,
      role: undefined,
      status: { sec_since_disconnect: "5" },
    });
    expect(bed.log).toContain(`rconn|INFO|br0<->unix:${DIRECTORY}/x: connection closed by peer`);
  });
  test("is master as long as no other has a newer generation", async () => {
    const { bed, peer } = await connected({ inactivity_probe: 0 });
    peer.send({ type: "role_request", form: "standard", role: 2, generation: 10n });
    await bed.pass(6);
    expect(peer.received()).toEqual(["hello", "role_reply"]);
    expect(status(bed)).toMatchObject({ role: "master" });
    const tool = bed.connect(`${DIRECTORY}/br0.mgmt`);
    tool.send({ type: "role_request", form: "standard", role: 2, generation: 9n });
    tool.send({ type: "role_request", form: "standard", role: 2, generation: 11n });
    await bed.pass(5);
    expect(tool.received()).toEqual(["hello", "error", "role_reply"]);
    expect(status(bed)).toMatchObject({ role: "slave" });
  });
  test("gets packets at its rate, and the rest is counted", async () => {
    const { bed, peer } = await connected({ controller_rate_limit: 100, controller_burst_limit: 25 });
    await bed.pass(0.3);
    const { bridge } = bed.openVswitch.service.daemon.bridges.get("br0") ?? {};
    for (let at = 0; at < 60; at++) {
      const flow = new Uint32Array(128);
      const event = { bytes: new Uint8Array(60), reason: 1, tableId: 0, cookie: 0n, controllerId: 0 };
      for (const listener of bridge?.listeners ?? [])
        listener.packetIn?.({ ...event, maxLength: 128, userdata: undefined, flow });
    }
    await bed.pass(5);
    expect(peer.received().filter((type) => type === "packet_in")).toHaveLength(50);
    expect(status(bed)).toMatchObject({
      status: {
        "packet-in-action-bypassed": "25",
        "packet-in-action-queued": "35",
        "packet-in-action-dropped": "10",
        "packet-in-miss-bypassed": "0",
      },
    });
  });
  test("is seen through the snoop socket", async () => {
    const { bed, peer } = await connected();
    const snooper = bed.connect(`${DIRECTORY}/br0.snoop`);
    await bed.pass(0.1);
    peer.send({ type: "barrier_request" });
    await bed.pass(0.1);
    expect(snooper.received()).toEqual(["hello", "barrier_request", "barrier_reply"]);
  });
});
