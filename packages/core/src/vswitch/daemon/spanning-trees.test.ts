// Spanning trees of bridges: what ovs-vswitchd 3.1.0 showed for the same bridges with dummy devices and patch ports.

import { describe, expect, test } from "vitest";
import { EmbeddedSystem } from "../../embedded.ts";
import type { OpenVswitch } from "../open-vswitch.ts";

const SECOND = 1e9;

class Bed {
  readonly system: EmbeddedSystem;
  readonly openVswitch: OpenVswitch;
  readonly database;

  static async open(): Promise<Bed> {
    const system = new EmbeddedSystem({ host: { turn: () => Promise.resolve() } });
    return new Bed(system, await system.switchDaemons.load());
  }

  private constructor(system: EmbeddedSystem, openVswitch: OpenVswitch) {
    this.system = system;
    this.openVswitch = openVswitch;
    this.database = openVswitch.server.local("Open_vSwitch");
  }

  /** Bridges by name, with their address, and cords between them. */
  async build(
    column: string,
    cords: readonly (readonly [string, string])[],
    on: readonly string[] = ["b0", "b1"],
  ): Promise<void> {
    this.database.transact((write) => {
      const bridges = ["b0", "b1"].map((name, at) => {
        const port = (of: string, type: string, options: Record<string, string>) =>
          write.insert("Port", {
            name: of,
            interfaces: [write.insert("Interface", { name: of, type, options })],
          });
        const ports = [
          port(name, "internal", {}),
          ...cords.map((ends) => port(ends[at] as string, "patch", { peer: ends[1 - at] as string })),
        ];
        const other_config = { hwaddr: `02:00:00:00:00:0${at + 1}` };
        return write.insert("Bridge", { name, ports, [column]: on.includes(name), other_config });
      });
      const [root] = this.database.rows("Open_vSwitch");
      write.set("Open_vSwitch", root?.uuid ?? "", { bridges });
    });
    await this.pass(0.001);
  }

  async pass(seconds: number): Promise<void> {
    const until = this.system.monotonic() + seconds * SECOND;
    this.system.after(seconds * SECOND, () => {});
    await this.system.run(() => this.system.monotonic() >= until);
  }

  appctl(...words: string[]): string {
    return this.openVswitch.service.control.run(words[0] as string, words.slice(1));
  }

  column(table: string, name: string, column: string): Record<string, unknown> {
    const row = this.database.rows(table).find((each) => each.string("name") === name);
    return Object.fromEntries(row?.map(column) ?? []);
  }
}

const CORDS = [
  ["x1", "y1"],
  ["x2", "y2"],
] as const;

describe("two bridges with two cords", () => {
  test("have one root, and one of the cords is blocked", async () => {
    const bed = await Bed.open();
    await bed.build("stp_enable", CORDS);
    await bed.pass(3);
    expect(bed.appctl("stp/show", "b1")).toBe(`---- b1 ----
Root ID:
  stp-priority  32768
  stp-system-id   02:00:00:00:00:01
  stp-hello-time  2s
  stp-max-age     20s
  stp-fwd-delay   15s
  root-port       y2
  root-path-cost  2

Bridge ID:
  stp-priority  32768
  stp-system-id   02:00:00:00:00:02
  stp-hello-time  2s
  stp-max-age     20s
  stp-fwd-delay   15s

  Interface  Role       State      Cost  Pri.Nbr${" "}
  ---------- ---------- ---------- ----- -------
  y1         alternate  blocking   2     128.1
  y2         root       listening  2     128.2

`);
    expect(bed.column("Bridge", "b1", "status")).toEqual({
      stp_bridge_id: "8000.020000000002",
      stp_designated_root: "8000.020000000001",
      stp_root_path_cost: "2",
    });
    expect(bed.column("Port", "y1", "status")).toMatchObject({
      stp_port_id: "32769",
      stp_role: "alternate",
      stp_state: "blocking",
    });
  });
  test("forward after twice the delay, and by the other cord when the first is gone", async () => {
    const bed = await Bed.open();
    await bed.build("stp_enable", CORDS);
    await bed.pass(35);
    const states = () =>
      Object.fromEntries(["y1", "y2"].map((name) => [name, bed.column("Port", name, "status")["stp_state"]]));
    expect(states()).toEqual({ y1: "blocking", y2: "forwarding" });
    bed.database.transact((write) => {
      const [bridge] = bed.database.rows("Bridge").filter((row) => row.string("name") === "b0");
      const ports = (bridge?.strings("ports") ?? []).filter(
        (uuid) => bed.database.row("Port", uuid)?.string("name") !== "x2",
      );
      write.set("Bridge", bridge?.uuid ?? "", { ports });
    });
    await bed.pass(55);
    expect(states()).toMatchObject({ y1: "forwarding" });
  });
  test("give numbers anew when a port is added, and both forward", async () => {
    const bed = await Bed.open();
    await bed.build("stp_enable", [["x1", "y1"]], ["b0"]);
    await bed.pass(1);
    bed.database.transact((write) => {
      const iface = write.insert("Interface", { name: "x2", type: "patch", options: { peer: "y2" } });
      const port = write.insert("Port", { name: "x2", interfaces: [iface] });
      const bridge = bed.database.rows("Bridge").find((row) => row.string("name") === "b0");
      write.set("Bridge", bridge?.uuid ?? "", { ports: [...(bridge?.strings("ports") ?? []), port] });
    });
    await bed.pass(35);
    expect(["x1", "x2"].map((name) => bed.column("Port", name, "status"))).toMatchObject([
      { stp_state: "forwarding", stp_port_id: "32770" },
      { stp_state: "forwarding", stp_port_id: "32769" },
    ]);
  });
  test("agree at once when they are rapid", async () => {
    const bed = await Bed.open();
    await bed.build("rstp_enable", CORDS);
    await bed.pass(3);
    const of = (name: string) => {
      const status = bed.column("Port", name, "rstp_status");
      return [status["rstp_port_role"], status["rstp_port_state"]];
    };
    expect(["x1", "x2"].map(of)).toEqual([
      ["Designated", "Forwarding"],
      ["Designated", "Forwarding"],
    ]);
    expect([of("y1"), of("y2")]).toEqual([
      ["Alternate", "Discarding"],
      ["Root", "Forwarding"],
    ]);
    expect(bed.column("Bridge", "b1", "rstp_status")).toMatchObject({
      rstp_bridge_id: "8.000.020000000002",
      rstp_root_id: "8.000.020000000001",
      rstp_root_path_cost: "2000",
    });
  });
});

test("a rapid bridge alone forwards when nobody has answered for three seconds", async () => {
  const bed = await Bed.open();
  await bed.build("rstp_enable", [["x1", "y1"]], ["b0"]);
  await bed.pass(2);
  expect(bed.appctl("rstp/show", "b0")).toContain("  x1         Designated Discarding 2000     128.1\n");
  await bed.pass(5);
  expect(bed.appctl("rstp/show", "b0")).toBe(`---- b0 ----
Root ID:
  stp-priority    32768
  stp-system-id   02:00:00:00:00:01
  stp-hello-time  2s
  stp-max-age     20s
  stp-fwd-delay   15s
  This bridge is the root

Bridge ID:
  stp-priority    32768
  stp-system-id   02:00:00:00:00:01
  stp-hello-time  2s
  stp-max-age     20s
  stp-fwd-delay   15s

  Interface  Role       State      Cost     Pri.Nbr${" "}
  ---------- ---------- ---------- -------- -------
  x1         Designated Forwarding 2000     128.1

`);
});

test.each([
  ["stp/show", "no such stp object"],
  ["stp/tcn", "no such stp object"],
  ["rstp/show", "No such RSTP object"],
])("%s of a bridge that has none", async (command, message) => {
  const bed = await Bed.open();
  await bed.pass(0.001);
  expect(() => bed.appctl(command, "b0")).toThrow(expect.objectContaining({ message }));
});
