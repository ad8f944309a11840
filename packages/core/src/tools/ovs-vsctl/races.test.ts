// Two calls at once: what one of them has found out no longer holds when its transaction comes, so it runs again.

import { expect, test } from "vitest";
import { runEmbedded } from "../testing/run-embedded.ts";

const BRIDGES = "ovs-vsctl --no-wait add-br br0 -- add-br br1 -- add-port br0 x";
const atOnce = (...calls: readonly string[]): string =>
  `${calls.map((call) => `ovs-vsctl --no-wait ${call} & `).join("")}wait`;

test("of two ports of one name the second is refused by name", async () => {
  const race = atOnce("add-port br0 a", "add-port br1 a");
  expect(await runEmbedded(`${BRIDGES}; ${race}; ovs-vsctl list-ports br0; ovs-vsctl list-ports br1`)).toBe(
    "ovs-vsctl: cannot create a port named a because a port named a already exists on bridge br0\na\nx\n",
  );
});

test("both of two ports are there", async () => {
  const race = atOnce("add-port br0 a", "add-port br0 b", "set port x tag=3");
  expect(await runEmbedded(`${BRIDGES}; ${race}; ovs-vsctl list-ports br0; ovs-vsctl get port x tag`)).toBe(
    "a\nb\nx\n3\n",
  );
});
