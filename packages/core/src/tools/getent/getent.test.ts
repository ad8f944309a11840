// getent: what that of glibc 2.36 printed for the same entries on Debian 12.

import { expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";

test.each([
  ["services ssh", "ssh                   22/tcp\n", 0],
  ["services 22/tcp", "ssh                   22/tcp\n", 0],
  ["services http 443/tcp nope", "http                  80/tcp www\nhttps                 443/tcp\n", 2],
  ["services nope", "", 2],
  ["protocols tcp", "tcp                   6 TCP\n", 0],
  ["protocols 6", "tcp                   6 TCP\n", 0],
  ["passwd 0", "root:x:0:0:root:/root:/bin/bash\n", 0],
  ["group root", "root:x:0:\n", 0],
  [
    "ahostsv4 127.0.0.1",
    "127.0.0.1       STREAM 127.0.0.1\n127.0.0.1       DGRAM  \n127.0.0.1       RAW    \n",
    0,
  ],
  [
    "networks",
    "default               0.0.0.0\nloopback              127.0.0.0\nlink-local            169.254.0.0\n",
    0,
  ],
  ["ethers", "Enumeration not supported on ethers\n", 3],
])("getent %s", async (words, text, status) => {
  const replay = new Replay();
  await replay.start([]);
  const { stdout, stderr } = await replay.run(`getent ${words}; echo $?`);
  expect(stdout + stderr).toBe(text.startsWith("Enumeration") ? `${status}\n${text}` : `${text}${status}\n`);
});
