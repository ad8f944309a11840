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
    "nc -lvn 127.0.0.1 80 > got & sleep 0.1; echo hi | nc -vn -N 127.0.0.1 80; wait; cat got",
    "Listening on 127.0.0.1 80\nConnection to 127.0.0.1 80 port [tcp/*] succeeded!\n" +
      "Connection received on 127.0.0.1 32768\nhi\n",
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
