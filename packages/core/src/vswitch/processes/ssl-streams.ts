// SSL of one daemon: its settings, and a host for it whose streams speak SSL where an address asks for that.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { StreamSsl } from "../../stream-ssl/stream-ssl.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import type { SslStart } from "../../system/switch-daemons.ts";
import { formatInetTarget } from "../inet-target.ts";
import type { StreamHost, TargetAddress } from "../stream-host.ts";
import type { Vlog } from "../daemon/log/vlog.ts";
import type { OpenVswitchHost } from "./daemon-host.ts";

/** Messages of stream_ssl about connections: 25 at once, 10 a minute after that. */
const RATE = 10;
const BURST = 25;

/** @param directory of the daemon, from which the names of files lead */
export function sslOf(host: OpenVswitchHost, vlog: Vlog, directory: string): StreamSsl {
  const absolute = (path: string): string =>
    path.startsWith("/") ? path : `${directory === "/" ? "" : directory}/${path}`;
  return new StreamSsl({
    tls: host.tls,
    hold: () => host.hold(),
    readFile: (path) => {
      const bytes = host.readFile(absolute(path));
      if (!bytes) throw new Refusal(ERRNO.ENOENT);
      return bytes;
    },
    createFile: (path, bytes) => host.createFile(absolute(path), bytes),
    log: (level, text, limited) => {
      if (limited) vlog.limited("stream_ssl", "stream_ssl", level, text, RATE, BURST);
      else vlog.log("stream_ssl", level, text);
    },
  });
}

/** Settings of the command line; `valueOf` follows those that name a column. */
export function applySsl(
  ssl: StreamSsl,
  start: SslStart,
  valueOf: (text: string) => string | undefined = (text) => text,
): void {
  if (!ssl.built) return;
  const { privateKey, certificate, authority, peerAuthority, protocols, ciphers } = start;
  const value = (text: string | undefined) => (text === undefined ? undefined : valueOf(text));
  ssl.setKeyAndCertificate(value(privateKey), value(certificate));
  const trusted = value(authority?.file);
  if (trusted !== undefined) ssl.setAuthority(trusted, authority?.bootstrap === true);
  if (peerAuthority !== undefined) ssl.setPeerAuthority(peerAuthority);
  if (protocols !== undefined) ssl.setProtocols(protocols);
  if (ciphers !== undefined) ssl.setCiphers(ciphers);
}

function nameOf(address: TargetAddress): string {
  return address.family === "unix" ? address.path : `ssl:${formatInetTarget(address)}`;
}

/** @param refresh makes the settings those of now, before a connection begins */
export function withSsl<H extends StreamHost>(host: H, ssl: StreamSsl, refresh: () => void): H {
  const wrap = (socket: StreamSocket, address: TargetAddress, side: "client" | "server"): StreamSocket => {
    refresh();
    return ssl.wrap(nameOf(address), socket, side);
  };
  const check = ({ ssl: wanted }: TargetAddress): boolean => {
    if (wanted === true && !ssl.built) throw new Refusal(ERRNO.EAFNOSUPPORT);
    return wanted === true;
  };
  const connect = (address: TargetAddress): StreamSocket => {
    try {
      return host.connectStream(address);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refresh();
      ssl.notConnected(nameOf(address), error);
    }
  };
  const streams: StreamHost = {
    connectStream: (address) =>
      check(address) ? wrap(connect(address), address, "client") : host.connectStream(address),
    listenStream: (address, mode, connected, bound) => {
      if (!check(address)) return host.listenStream(address, mode, connected, bound);
      const accepted = (socket: StreamSocket): void => {
        let inside: StreamSocket;
        try {
          inside = wrap(socket, socket.remote ?? address, "server");
        } catch (error) {
          if (!(error instanceof Refusal)) throw error; // the log has said why
          return;
        }
        connected(inside);
      };
      return host.listenStream(address, mode, accepted, bound);
    },
  };
  return { ...host, ...streams };
}
