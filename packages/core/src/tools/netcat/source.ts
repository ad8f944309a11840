// -s and -p: where nc sends from.

import type { Process } from "../../system/process.ts";
import { servicePort } from "../resolver/databases.ts";
import { resolveHost } from "../resolver/hosts.ts";
import { fail } from "./options.ts";
import type { NetcatOptions } from "./options.ts";

/** Undefined if the command line does not say. */
export function sourceAddress(
  process: Process,
  { source, sourcePort, udp }: NetcatOptions,
  family: "inet" | "inet6",
): { readonly address: Uint8Array; readonly port: number } | undefined {
  if (source === undefined && sourcePort === undefined) return undefined;
  const own = source === undefined ? undefined : resolveHost(process, source, family)[0]?.address;
  const protocol = udp ? "udp" : "tcp";
  const port =
    sourcePort === undefined ? 0 : (servicePort(process, sourcePort, protocol) ?? Number(sourcePort));
  if (Number.isNaN(port)) fail(process, "getaddrinfo: Servname not supported for ai_socktype");
  return { address: own ?? new Uint8Array(family === "inet" ? 4 : 16), port };
}
