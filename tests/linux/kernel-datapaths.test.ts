// Datapaths of a kernel, their ports and their flows, as cleanup looks at them and gives them back: on the embedded kernel, which has them
// everywhere. On Linux the same is killed at every step in a guest (npm run conformance:full -- kills).

import { beforeAll, describe, expect, test } from "vitest";
import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { datapathsBack, lookDatapaths } from "@patchcord/linux/ownership/kernel-datapaths.ts";
import { flowsBack, lookFlows } from "@patchcord/linux/ownership/kernel-flows.ts";
import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { EmbeddedLines } from "../conformance/embedded-lines.ts";

const GENERIC = 16;
const FLOWS = { kind: "flows", datapath: "dp1" } as const;
const DATAPATHS = { kind: "datapaths", names: [] } as const;

describe("changes of a kernel's datapath by others are taken back, and what came since stays", () => {
  const lines = new EmbeddedLines({ profile: "linux-6.1", lookup: lookupProgram, startCost: 0, lineCost: 0 });
  let generic: NetlinkClient;
  const run = async (line: string): Promise<string> => {
    const { stdout, stderr } = await lines.run(line);
    expect(stderr).toBe("");
    return stdout;
  };
  const shown = async (): Promise<string> =>
    (
      await run(
        "ovs-dpctl show dp1 | grep port; ovs-dpctl dump-flows dp1 | sed 's/ packets.*actions/ actions/' | sort",
      )
    ).trim();
  const flow = (port: number): string => `"in_port(${port}),eth(),eth_type(0x0800),ipv4(frag=no)"`;

  beforeAll(async () => {
    const caller = { pid: 0, cwd: "/", netns: lines.system.initialNetns };
    generic = new NetlinkClient(lines.system.netlink(caller, GENERIC));
    await run(
      "for n in 1 2 3; do ip link add p$n type veth peer name q$n; done; ovs-dpctl -voff add-dp dp1; ovs-dpctl add-if dp1 p1 p2 i7,type=internal,port_no=7",
    );
    await run(`ovs-dpctl add-flow dp1 ${flow(1)} 2; ovs-dpctl add-flow dp1 ${flow(2)} 1`);
    await run(`ovs-dpctl add-flow dp1 ufid:12345678-1234-1234-1234-123456789abc,${flow(7)} 1`);
  });

  const undoFlows = (before: readonly Uint8Array[], after: readonly Uint8Array[] | undefined): boolean[] =>
    flowsBack(generic, FLOWS, before, after).map(({ made, ask }) => {
      expect(ask()?.ok).toBe(true);
      return made;
    });

  test("flows that were added, changed and deleted", async () => {
    const [before, then] = [lookFlows(generic, FLOWS), await shown()];
    await run(`ovs-dpctl add-flow dp1 "in_port(1),eth(),eth_type(0x0806),arp()" 7`);
    await run(`ovs-dpctl mod-flow dp1 ${flow(2)} 7; ovs-dpctl del-flow dp1 ${flow(1)}`);
    await run("ovs-dpctl del-flow dp1 ufid:12345678-1234-1234-1234-123456789abc");
    expect(undoFlows(before, lookFlows(generic, FLOWS)).sort()).toEqual([false, false, false, true]);
    expect(await shown()).toBe(then);
  });

  test("a flow that somebody else has changed since stays as it is", async () => {
    const before = lookFlows(generic, FLOWS);
    await run(`ovs-dpctl mod-flow dp1 ${flow(2)} 7`);
    const after = lookFlows(generic, FLOWS);
    await run(`ovs-dpctl mod-flow dp1 ${flow(2)} ''`);
    expect(undoFlows(before, after)).toEqual([]);
    expect(await shown()).toContain("in_port(2),eth(),eth_type(0x0800),ipv4(frag=no), actions:drop");
    await run(`ovs-dpctl mod-flow dp1 ${flow(2)} 1`);
  });

  test("a cache of masks that was resized, and not one that somebody else has resized since", async () => {
    const size = () => run("ovs-dpctl cache-get-size dp1 | grep -o 'size:.*'");
    const before = lookDatapaths(generic);
    await run("ovs-dpctl cache-set-size dp1 masks-cache 512");
    const after = lookDatapaths(generic);
    const back = () => datapathsBack(generic, DATAPATHS, before, after);
    await run("ovs-dpctl cache-set-size dp1 masks-cache 1024");
    expect(back()).toEqual([]);
    await run("ovs-dpctl cache-set-size dp1 masks-cache 512");
    const [only, ...others] = back();
    expect([only?.name, only?.made, others]).toEqual([
      "size of the cache of masks of datapath dp1",
      false,
      [],
    ]);
    expect(only?.ask()?.ok).toBe(true);
    expect(await size()).toBe("size:256\n");
  });

  test("a datapath that was deleted, with its ports and flows", async () => {
    await run("ovs-dpctl cache-set-size dp1 masks-cache 64");
    const [datapaths, flows, then] = [lookDatapaths(generic), lookFlows(generic, FLOWS), await shown()];
    await run("ovs-dpctl del-dp dp1");
    const after = lookDatapaths(generic);
    expect(lookFlows(generic, FLOWS)).toEqual([]);
    for (const { made, ask } of datapathsBack(generic, DATAPATHS, datapaths, after)) {
      expect(made).toBe(false);
      expect(ask()?.ok).toBe(true);
    }
    expect(undoFlows(flows, [])).toEqual([false, false, false]);
    expect(await shown()).toBe(then);
    expect(await run("ovs-dpctl cache-get-size dp1")).toContain("size:64");
  });
});
