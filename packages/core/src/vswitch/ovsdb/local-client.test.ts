// The interface between the database and the switch daemon.

import { describe, expect, test } from "vitest";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import type { Commit } from "../../ovsdb/database.ts";
import { Database } from "../../ovsdb/database.ts";
import { LocalClient } from "./local-client.ts";
import { openVswitchSchema } from "../../ovsproto/ovsdb/open-vswitch-schema.ts";

function client(): LocalClient {
  let seed = 1;
  const random32 = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
  return new LocalClient(new Database(parseSchema(openVswitchSchema), random32));
}

/** An Open_vSwitch row with a bridge that has one port of its name. */
function withBridge(ovs: LocalClient): {
  readonly root: string;
  readonly bridge: string;
  readonly iface: string;
} {
  let made = { root: "", bridge: "", iface: "" };
  ovs.transact((write) => {
    const iface = write.insert("Interface", { name: "br0", type: "internal" });
    const port = write.insert("Port", { name: "br0", interfaces: [iface] });
    const bridge = write.insert("Bridge", {
      name: "br0",
      ports: [port],
      other_config: { hwaddr: "02:00:00:00:00:01" },
    });
    made = { root: write.insert("Open_vSwitch", { bridges: [bridge] }), bridge, iface };
  });
  return made;
}

describe("a local client", () => {
  test("reads what it has written, in plain types", () => {
    const ovs = client();
    const { root, bridge } = withBridge(ovs);
    const row = ovs.row("Bridge", bridge);
    expect(row?.string("name")).toBe("br0");
    expect(row?.string("fail_mode")).toBeUndefined();
    expect(row?.boolean("stp_enable")).toBe(false);
    expect(row?.map("other_config")).toEqual(new Map([["hwaddr", "02:00:00:00:00:01"]]));
    expect(row?.entry("other_config", "hwaddr")).toBe("02:00:00:00:00:01");
    const top = ovs.row("Open_vSwitch", root);
    expect(top && ovs.follow(top, "bridges", "Bridge").map((one) => one.uuid)).toEqual([bridge]);
  });
  test("is told of each row that a commit has changed, and of nothing else", () => {
    const ovs = client();
    const { iface } = withBridge(ovs);
    const commits: Commit[] = [];
    ovs.subscribe((commit) => commits.push(commit));
    ovs.transact((write) => write.set("Interface", iface, { ofport: 65534, statistics: { rx_packets: 1 } }));
    ovs.transact((write) => write.set("Interface", iface, { ofport: 65534 }));
    expect(commits).toHaveLength(1);
    expect(commits[0]?.changes.map(({ table, uuid }) => [table.name, uuid])).toEqual([["Interface", iface]]);
    expect(commits[0]?.changes[0]?.old?.values.get("ofport")?.keys).toEqual([]);
    expect(commits[0]?.changes[0]?.new?.values.get("ofport")?.keys).toEqual([65534]);
  });
  test("takes rows away that nothing refers to any more", () => {
    const ovs = client();
    const { root } = withBridge(ovs);
    ovs.transact((write) => write.set("Open_vSwitch", root, { bridges: [] }));
    expect(["Bridge", "Port", "Interface"].map((table) => ovs.rows(table).length)).toEqual([0, 0, 0]);
  });
  test("changes nothing when it is refused", () => {
    const ovs = client();
    const { root, bridge, iface } = withBridge(ovs);
    const writes = [
      { name: "br0", ports: [] },
      { name: "br1", ports: ["7f000000-0000-4000-8000-000000000000"] },
      { name: "br1", fail_mode: "none" },
    ];
    for (const values of writes) {
      expect(() =>
        ovs.transact((write) => {
          write.set("Interface", iface, { ofport: 7 });
          const second = write.insert("Bridge", values);
          write.set("Open_vSwitch", root, { bridges: [bridge, second] });
        }),
      ).toThrow(OvsdbError as never);
      expect(ovs.rows("Bridge").map((row) => row.string("name"))).toEqual(["br0"]);
      expect(ovs.row("Interface", iface)?.number("ofport")).toBeUndefined();
    }
  });
});
