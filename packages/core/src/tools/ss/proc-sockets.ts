// Sockets as /proc/net/{udp,raw,tcp}{,6} has them, for kernels without sock_diag servers.

import type { Process } from "../../system/process.ts";
import type { ShownSocket } from "./socket.ts";

/** Bytes of an address: words of 32 bits of a little-endian machine. */
function addressBytes(digits: string): Uint8Array {
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
  for (let word = 0; word < bytes.length; word += 4) bytes.subarray(word, word + 4).reverse();
  return bytes;
}

/** Errors: Refusal if there is no such file. */
export function procSockets(
  process: Process,
  table: "udp" | "raw" | "tcp",
  family: "inet" | "inet6",
): ShownSocket[] {
  const path = `/proc/net/${table}${family === "inet6" ? "6" : ""}`;
  const lines = new TextDecoder().decode(process.files.readFile(path)).trimEnd().split("\n").slice(1);
  return lines.map((line) => {
    const [
      ,
      local = "",
      remote = "",
      state = "0",
      queues = "",
      ,
      ,
      uid = "0",
      ,
      inode = "0",
      ,
      cookie = "0",
    ] = line.trim().split(/\s+/);
    const [localAddress = "", localPort = "0"] = local.split(":");
    const [remoteAddress = "", remotePort = "0"] = remote.split(":");
    const [sendQueue = "0", receiveQueue = "0"] = queues.split(":");
    return {
      family,
      netid: table,
      state: Number.parseInt(state, 16),
      receiveQueue: Number.parseInt(receiveQueue, 16),
      sendQueue: Number.parseInt(sendQueue, 16),
      local: addressBytes(localAddress),
      remote: addressBytes(remoteAddress),
      localPort: Number.parseInt(localPort, 16),
      remotePort: Number.parseInt(remotePort, 16),
      inode: Number(inode),
      uid: Number(uid),
      cookie: BigInt(`0x${cookie}`),
    };
  });
}
