import { describe, expect, test } from "vitest";
import { EmbeddedSystem } from "../../embedded.ts";
import { Process } from "../../system/process.ts";
import { hostNames } from "./host-names.ts";
import type { HostNames } from "./print/addresses.ts";

const ETHERS =
  "02:00:00:00:00:01 alpha\n2:0:0:0:0:2\tbeta # a comment\n02:00:00:00:00:01 second\nno address\n";

async function names(): Promise<HostNames> {
  const system = new EmbeddedSystem({
    host: { turn: () => new Promise((resolve) => setImmediate(resolve)) },
  });
  system
    .files({ pid: 1, cwd: "/", netns: system.initialNetns })
    .writeFile("/etc/ethers", new TextEncoder().encode(ETHERS));
  let found: HostNames | undefined;
  const process = Process.start(
    system,
    () => undefined,
    async (self) => {
      found = hostNames(self);
      return 0;
    },
    { argv: ["names"], fds: new Map() },
  );
  await system.run(() => process.status !== undefined);
  if (found === undefined) throw new Error("the program did not run");
  return found;
}

describe("names of the host", () => {
  test("/etc/ethers names MACs; the first line about one counts", async () => {
    const { ether } = await names();
    expect([0x0200_0000_0001, 0x0200_0000_0002, 0x0200_0000_0003].map(ether)).toEqual([
      "alpha",
      "beta",
      undefined,
    ]);
  });

  test("/etc/services names ports by transport", async () => {
    const { service } = await names();
    expect([service(512, "udp"), service(512, "tcp"), service(7001, "udp"), service(7001, "tcp")]).toEqual([
      "biff",
      "exec",
      "afs3-callback",
      undefined,
    ]);
  });
});
