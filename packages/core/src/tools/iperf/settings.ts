// What iperf3 tells of the system beside its own measurements: settings of the kernel under /proc/sys.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";

/** The words of a setting, such as "net/ipv4/tcp_wmem"; none if there is no such one. */
function setting(process: Process, path: string): string[] {
  try {
    return new TextDecoder()
      .decode(process.files.readFile(`/proc/sys/${path}`))
      .trim()
      .split(/\s+/);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return [];
  }
}

/** TCP_CONGESTION of sockets that have not asked for another. */
export function congestionControl(process: Process): string {
  return setting(process, "net/ipv4/tcp_congestion_control")[0] ?? "";
}

/** SO_SNDBUF and SO_RCVBUF of a new socket, bytes. */
export function bufferSizes(
  process: Process,
  udp: boolean,
): { readonly send: number; readonly receive: number } {
  const [send, receive] = udp
    ? [setting(process, "net/core/wmem_default")[0], setting(process, "net/core/rmem_default")[0]]
    : [setting(process, "net/ipv4/tcp_wmem")[1], setting(process, "net/ipv4/tcp_rmem")[1]];
  return { send: Number(send ?? 0), receive: Number(receive ?? 0) };
}
