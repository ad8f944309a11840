// The column "error" of a patch port, which follows its peer.

import { expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

const ADD = "ovs-vsctl add-port br0 pa -- set interface pa type=patch options:peer=pb";
const ERROR = "ovs-vsctl get interface pa error";

test("a patch port without a peer that names it says so, until there is one", async () => {
  const replay = new Replay();
  const error = async (line: string): Promise<string> => {
    await replay.run(line);
    return (await replay.run(ERROR)).stdout.trim();
  };
  await replay.run("ovs-vsctl add-br br0 -- add-br br1");
  const missing = `"No usable peer 'pb' exists in 'system' datapath."`;
  expect(await error(ADD)).toBe(missing);
  expect(await error("ovs-vsctl add-port br1 pb -- set interface pb type=patch options:peer=somebody")).toBe(
    missing,
  );
  expect(await error("ovs-vsctl set interface pb options:peer=pa")).toBe("[]");
  expect(await error("ovs-vsctl del-br br1")).toBe(missing);
});
