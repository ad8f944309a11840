// curl -w: what is known of a transfer, in the words of the caller.

import type { Process } from "../../system/process.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { StreamAddress } from "../../system/stream-sockets.ts";
import type { CurlOptions } from "./options.ts";
import type { Transfer } from "./transfer.ts";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function addressText(address: StreamAddress | undefined): string {
  if (address === undefined || address.family === "unix") return "";
  return address.family === "inet"
    ? formatIpv4(readIpv4Address(address.address, 0))
    : formatIpv6(readIpv6Address(address.address, 0));
}

function portText(address: StreamAddress | undefined): string {
  return address === undefined || address.family === "unix" ? "0" : String(address.port);
}

type Variable = (transfer: Transfer | undefined, url: string) => string;

const seconds = (value: number | undefined): string => (value ?? 0).toFixed(6);

const VARIABLES: Readonly<Record<string, Variable>> = {
  http_code: (transfer) => String(transfer?.status ?? 0).padStart(3, "0"),
  response_code: (transfer) => String(transfer?.status ?? 0).padStart(3, "0"),
  http_version: (transfer) => transfer?.version ?? "0",
  content_type: (transfer) => transfer?.contentType ?? "",
  size_download: (transfer) => String(transfer?.received ?? 0),
  size_header: (transfer) => String(transfer?.headerBytes ?? 0),
  size_request: (transfer) => String(transfer?.requestBytes ?? 0),
  speed_download: (transfer) =>
    String(Math.floor(transfer !== undefined && transfer.total > 0 ? transfer.received / transfer.total : 0)),
  time_total: (transfer) => seconds(transfer?.total),
  time_connect: (transfer) => seconds(transfer?.connected),
  time_namelookup: () => seconds(0),
  time_pretransfer: (transfer) => seconds(transfer?.connected),
  time_starttransfer: (transfer) => seconds(transfer?.firstByte),
  num_connects: (transfer) => (transfer?.remote === undefined ? "0" : "1"),
  remote_ip: (transfer) => addressText(transfer?.remote),
  remote_port: (transfer) => portText(transfer?.remote),
  local_ip: (transfer) => addressText(transfer?.local),
  local_port: (transfer) => portText(transfer?.local),
  url_effective: (_transfer, url) =>
    /^\w+:\/\//.test(url) ? url : `http://${url}${/[/?]/.test(url) ? "" : "/"}`,
};

export function writeOut(
  process: Process,
  { format }: CurlOptions,
  url: string,
  transfer: Transfer | undefined,
): void {
  if (format === undefined) return;
  process.print(
    format.replace(/%\{(\w+)\}|%%|\\(.)/g, (whole, name: string | undefined, escape: string | undefined) => {
      if (whole === "%%") return "%";
      if (escape !== undefined) return ESCAPES[escape] ?? whole;
      const variable = VARIABLES[name ?? ""];
      if (variable !== undefined) return variable(transfer, url);
      process.warn(`curl: unknown --write-out variable: '${name}'\n`);
      return "";
    }),
  );
}
