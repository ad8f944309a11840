// ping (iputils 20221126): sends ICMP echo requests and reports on the replies. Names are looked up in /etc/hosts only.

import { ERRNO } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import { complain, fail } from "../iputils/arguments.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import type { PingOptions } from "./options.ts";
import { readPattern, readPingOptions } from "./options.ts";
import { ping4 } from "./ping4.ts";
import { ping6 } from "./ping6.ts";
import type { PingSocket } from "./sockets.ts";
import { openPingSocket, orFail } from "./sockets.ts";

/** First file descriptor after the standard ones: where the first socket would be. */
const FIRST_DESCRIPTOR = 3;

export async function ping(process: Process): Promise<number> {
  const options = readPingOptions(process);
  const target = options.operands.at(-1);
  if (target === undefined) return fail(process, 1, ERRNO.EDESTADDRREQ, "usage error");
  const pattern = readPattern(process, options);
  const v4 =
    options.family === "inet6"
      ? undefined
      : openPingSocket(process, options, "inet", options.family === "inet");
  const v6 =
    options.family === "inet" ? undefined : openPingSocket(process, options, "inet6", v4 === undefined);
  if (options.verbose) describeSockets(process, options, v4, v6);
  if (options.tos !== 0) {
    orFail(process, "setsockopt", () => v4?.socket.setOption("IP_TOS", options.tos));
    orFail(process, "setsockopt", () => v6?.socket.setOption("IPV6_TCLASS", options.tos));
  }
  const hosts = lookUp(process, target, v4 === undefined ? "inet6" : v6 === undefined ? "inet" : undefined);
  for (const [index, host] of hosts.entries()) {
    if (options.verbose) {
      const family = host.family === "inet" ? "AF_INET" : "AF_INET6";
      process.print(`ai->ai_family: ${family}, ai->ai_canonname: '${host.canonicalName}'\n`);
    }
    const status = await run(
      process,
      options,
      host,
      host.family === "inet" ? v4 : v6,
      pattern,
      index + 1 < hosts.length,
    );
    if (status !== undefined) return status;
  }
  return 1;
}

function run(
  process: Process,
  options: PingOptions,
  host: ResolvedHost,
  socket: PingSocket | undefined,
  pattern: Uint8Array | undefined,
  moreToTry: boolean,
): Promise<number | undefined> {
  if (socket === undefined) return Promise.resolve(undefined);
  if (host.family === "inet") return ping4(process, options, host, socket, pattern);
  return ping6(process, options, host, socket, pattern, moreToTry);
}

function describeSockets(
  process: Process,
  options: PingOptions,
  v4: PingSocket | undefined,
  v6: PingSocket | undefined,
): void {
  const second = v4 === undefined ? FIRST_DESCRIPTOR : FIRST_DESCRIPTOR + 1;
  const families = { inet: "AF_INET", inet6: "AF_INET6" };
  complain(
    process,
    0,
    `sock4.fd: ${v4 ? FIRST_DESCRIPTOR : -1} (socktype: ${v4?.type ?? 0}), ` +
      `sock6.fd: ${v6 ? second : -1} (socktype: ${v6?.type ?? 0}), ` +
      `hints.ai_family: ${options.family ? families[options.family] : "AF_UNSPEC"}\n`,
  );
}

function lookUp(process: Process, target: string, family: "inet" | "inet6" | undefined): ResolvedHost[] {
  try {
    return resolveHost(process, target, family);
  } catch (fault) {
    if (!(fault instanceof NameFault)) throw fault;
    return fail(process, 2, 0, `${target}: ${fault.text}`);
  }
}
