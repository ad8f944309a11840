// lsns among the processes of an embedded host, in the layout that lsns of util-linux 2.38.1 printed for namespaces made in the same way.

import { expect, test } from "vitest";
import { embeddedShell } from "../testing/recorded-network.ts";

const LAB = `
ip netns add ns1; ip netns add ns2
ip link add v1 type veth peer name v2; ip link set v2 netns ns1
ip netns exec ns1 sh -c 'sleep 100 & sleep 99' &
sleep 0.3
`;

test("network namespaces with processes in them, their ids and where they are mounted", async () => {
  const run = await embeddedShell();
  const shown = await run(`${LAB} lsns -t net`);
  expect(shown.replace(/\b1\d{3}\b/, " PID")).toBe(
    [
      "        NS TYPE NPROCS  PID USER    NETNSID NSFS           COMMAND",
      "4026531840 net       4    1 root unassigned                /sbin/init",
      "4026531841 net       2  PID root          0 /run/netns/ns1 sleep 99",
      "",
    ].join("\n"),
  );
});

test("the processes of one namespace as a tree, and the namespaces of one process", async () => {
  const run = await embeddedShell();
  const members = await run(
    `${LAB} lsns $(stat -Lc %i /run/netns/ns1) -o COMMAND; lsns -n -p 1 -o TYPE | tr '\\n' ' '`,
  );
  expect(members).toBe("COMMAND\nsleep 99\n└─sleep 100\nmnt time cgroup pid user uts ipc net ");
  expect(await run("lsns -J -t mnt -o NS,USER,NSFS -p 1")).toBe(
    `{
   "namespaces": [
      {
         "ns": 4026531832,
         "user": "root",
         "nsfs": null
      }
   ]
}
`,
  );
});

test("what is wrong is told in the original's words", async () => {
  const run = await embeddedShell();
  expect(await run("lsns -t foo; lsns 123; lsns -o FOO; lsns -p x; lsns x; lsns -p 99999; echo $?")).toBe(
    "0\n" +
      "lsns: unknown namespace type: foo\n" +
      "lsns: not found namespace: 123\n" +
      "lsns: unknown column: FOO\n" +
      "lsns: invalid PID argument: 'x'\n" +
      "lsns: invalid namespace argument: 'x'\n",
  );
});
