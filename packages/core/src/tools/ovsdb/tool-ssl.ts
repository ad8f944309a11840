// SSL of a tool of Open vSwitch, as its command line says.

import { StreamSsl } from "../../stream-ssl/stream-ssl.ts";
import type { SslHost } from "../../stream-ssl/stream-ssl.ts";
import type { Process } from "../../system/process.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { StreamAddress, StreamSocket } from "../../system/stream-sockets.ts";
import type { ParsedOption } from "./options.ts";
import { OVS_STREAM } from "./ovs-stream.ts";

export function sslOfTool(process: Process, log: SslHost["log"]): StreamSsl {
  return new StreamSsl({
    tls: process.system.tls,
    hold: () => process.system.hold(),
    readFile: (path) => process.files.readFile(path),
    createFile: (path, bytes) => {
      const file = process.files.open(path, { write: true, create: true, exclusive: true });
      file.write(bytes);
      file.close();
    },
    log,
  });
}

/** Takes an option about SSL, and leaves others. Errors: NotBuiltWithSsl. */
export function takeSslOption(ssl: StreamSsl, { name, value = "" }: ParsedOption): void {
  switch (name) {
    case "private-key":
      return ssl.setPrivateKey(value);
    case "certificate":
      return ssl.setCertificate(value);
    case "ca-cert":
      return ssl.setAuthority(value, false);
    case "bootstrap-ca-cert":
      return ssl.setAuthority(value, true);
    case "peer-ca-cert":
      return ssl.setPeerAuthority(value);
    case "ssl-protocols":
      return ssl.setProtocols(value);
    case "ssl-ciphers":
      return ssl.setCiphers(value);
  }
}

/**
 * Connects and speaks SSL. The stream below belongs to it: when the process ends, the other side is told before that goes. Errors:
 * Refusal.
 */
export function connectSsl(
  process: Process,
  ssl: StreamSsl,
  name: string,
  address: StreamAddress,
): StreamSocket {
  let socket: StreamSocket;
  try {
    socket = process.system.connectStream(process, address, OVS_STREAM);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    ssl.notConnected(name, error);
  }
  return inSsl(process, ssl, name, socket, "client");
}

/** The same over a stream that is there. */
export function inSsl(
  process: Process,
  ssl: StreamSsl,
  name: string,
  socket: StreamSocket,
  side: "client" | "server",
): StreamSocket {
  const inside = ssl.wrap(name, socket, side);
  process.onEnd(() => inside.close());
  return inside;
}
