// nc on an embedded host; what the real one (netcat-openbsd 1.219-1) printed for the same commands.

import { expect, test } from "vitest";
import { runEmbedded } from "../testing/run-embedded.ts";

test.each([
  ["nc -l", "nc: missing port number\n"],
  ["nc -z localhost", "nc: missing port number\n"],
  ["nc -w abc localhost 1", "nc: timeout invalid: abc\n"],
  ["nc -w -1 localhost 1", "nc: timeout too small: -1\n"],
  ["nc -M 300 localhost 3", "nc: ttl is too large\n"],
  ["nc -T foo localhost 3", "nc: illegal tos value foo\n"],
  ["nc -W 0 localhost 3", "nc: receive limit too small: 0\n"],
  ["nc -q x localhost 3", "nc: quit timer invalid: x\n"],
  ["nc -k localhost 3", "nc: must use -l with -k\n"],
  ["nc -lz 99", "nc: cannot use -z and -l\n"],
  ["nc -lU", "nc: missing socket pathname\n"],
  ["nc -U a b", "nc: cannot use port with -U\n"],
  ["nc localhost foo", "nc: port number invalid: foo\n"],
  ["nc localhost 99999", "nc: port number too large: 99999\n"],
  ["nc localhost 0", "nc: port number too small: 0\n"],
  ["nc -l localhost", "nc: getaddrinfo: Servname not supported for ai_socktype\n"],
  ["nc -U /nonexist", "nc: /nonexist: No such file or directory\n"],
  [
    "nc -6 127.0.0.1 3",
    'nc: getaddrinfo for host "127.0.0.1" port 3: Address family for hostname not supported\n',
  ],
  ["nc -zv 127.0.0.1 22", "nc: connect to 127.0.0.1 port 22 (tcp) failed: Connection refused\n"],
])("%s", async (script, text) => {
  expect(await runEmbedded(`ip link set lo up; ${script}; echo $?`)).toBe(`${text}1\n`);
});

test.each([
  [
    "nc -l 8080 & sleep 0.1; nc -zv -4 localhost 8079-8081; echo $?; wait",
    "nc: connect to localhost (127.0.0.1) port 8079 (tcp) failed: Connection refused\n" +
      "Connection to localhost (127.0.0.1) 8080 port [tcp/http-alt] succeeded!\n" +
      "nc: connect to localhost (127.0.0.1) port 8081 (tcp) failed: Connection refused\n0\n",
  ],
  [
    "timeout 3 nc -lk 90 > got & sleep 0.1; echo a | nc -N 127.0.0.1 90; echo b | nc -N 127.0.0.1 90; wait; cat got",
    "a\nb\n",
  ],
  [
    "timeout 3 nc -lkvU s > got & sleep 0.1; echo a | nc -NU s; nc -zU s; wait; cat got",
    "Bound on s\nListening on s\nConnection received on s\nConnection received on s\na\n",
  ],
  ["nc -lN 80 </dev/null > got & sleep 0.1; (sleep 1; echo hi) | nc 127.0.0.1 80; wait; cat got", "hi\n"],
  [
    "nc -lC 80 <<< srv > got & sleep 0.1; echo hi | nc -N 127.0.0.1 80 | od -An -c; wait; cat got",
    "   s   r   v  \\r  \\n\nhi\n",
  ],
  [
    "nc -ul 53 > got & sleep 0.1; nc -uvz 127.0.0.1 53; kill %1; cat got; echo",
    "Connection to 127.0.0.1 53 port [udp/domain] succeeded!\nXXXX\n",
  ],
])("%s", async (script, text) => {
  expect(await runEmbedded(`ip link set lo up; ${script}`)).toBe(text);
});

test("both ends tell of their connection", async () => {
  const script =
    "nc -lvn 127.0.0.1 80 > got & sleep 0.1; echo hi | nc -vn -N -p 4000 127.0.0.1 80; wait; cat got";
  const lines = (await runEmbedded(`ip link set lo up; ${script}`)).split("\n");
  // Who speaks first of the two in the middle is chance with real processes.
  expect([lines[0], ...lines.slice(1, 3).sort(), ...lines.slice(3)]).toEqual([
    "Listening on 127.0.0.1 80",
    "Connection received on 127.0.0.1 4000",
    "Connection to 127.0.0.1 80 port [tcp/*] succeeded!",
    "hi",
    "",
  ]);
});

// What the real one printed between two namespaces on one cable.
const PAIR =
  "ip netns add a; ip netns add b; ip link add v0 netns a type veth peer name v1 netns b; " +
  "ip -n a addr add 10.0.0.1/24 dev v0; ip -n b addr add 10.0.0.2/24 dev v1; ip -n a link set lo up; " +
  "ip -n a link set v0 up; ip -n b link set v1 up; ";

test.each([
  [
    "ip netns exec a nc -v 10.0.0.2 81",
    "nc: connect to 10.0.0.2 port 81 (tcp) failed: Connection refused\n1\n",
  ],
  [
    "ip netns exec a nc -v 10.0.0.9 80",
    "nc: connect to 10.0.0.9 port 80 (tcp) failed: No route to host\n1\n",
  ],
  [
    "ip netns exec a nc -v -w 1 10.0.0.9 80",
    "nc: connect to 10.0.0.9 port 80 (tcp) timed out: Operation now in progress\n1\n",
  ],
  [
    "ip netns exec a nc -v 192.168.4.4 80",
    "nc: connect to 192.168.4.4 port 80 (tcp) failed: Network is unreachable\n1\n",
  ],
])("%s", async (script, text) => {
  expect(await runEmbedded(`${PAIR}${script}; echo $?`)).toBe(text);
});

test("a file goes to another host whole", async () => {
  const script =
    "ip netns exec b nc -l 5000 > /tmp/got & sleep 0.1; seq 1 60000 > /tmp/sent; " +
    "ip netns exec a nc -N 10.0.0.2 5000 < /tmp/sent; wait; cmp /tmp/sent /tmp/got && wc -c < /tmp/got";
  expect(await runEmbedded(PAIR + script)).toBe("348894\n");
});
