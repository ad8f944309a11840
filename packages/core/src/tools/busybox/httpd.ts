// The applet httpd: gives out the files of a directory by HTTP. No scripts, passwords, configuration and ranges.

import { Refusal } from "../../netlink/refusal.ts";
import { formatTime } from "../../system/calendar.ts";
import type { FileStatus } from "../../system/files.ts";
import type { Process, Program } from "../../system/process.ts";
import type { StreamListener, StreamSocket } from "../../system/stream-sockets.ts";
import { IPV6_ANY, ipv6ToBytes } from "../../wire/ipv6-address.ts";
import { die, numberInRange, orDie, readArguments, showUsage } from "./arguments.ts";
import { resolveHost } from "../resolver/hosts.ts";

const BACKLOG = 9;
const DATE = "%a, %d %b %Y %H:%M:%S GMT";
/** What files are by their names' ends; others have no type. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["txt", "text/plain"],
  ["h", "text/plain"],
  ["c", "text/plain"],
  ["cc", "text/plain"],
  ["cpp", "text/plain"],
  ["htm", "text/html"],
  ["html", "text/html"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["png", "image/png"],
  ["svg", "image/svg+xml"],
  ["css", "text/css"],
  ["js", "application/javascript"],
  ["wav", "audio/wav"],
  ["avi", "video/x-msvideo"],
  ["qt", "video/quicktime"],
  ["mov", "video/quicktime"],
  ["mpe", "video/mpeg"],
  ["mpeg", "video/mpeg"],
  ["midi", "audio/midi"],
  ["mp3", "audio/mpeg"],
]);

interface Refused {
  readonly status: number;
  readonly name: string;
  readonly text: string;
}

const NOT_FOUND: Refused = { status: 404, name: "Not Found", text: "The requested URL was not found" };
const BAD_REQUEST: Refused = { status: 400, name: "Bad Request", text: "Unsupported method" };
const NOT_IMPLEMENTED: Refused = {
  status: 501,
  name: "Not Implemented",
  text: "The requested method is not recognized",
};

export const busyboxHttpd: Program = (process) => {
  const { options, operands } = readArguments(process, "fivc:d:e:m:h:p:r:u:", "httpd");
  if (operands.length > 0) showUsage(process, "httpd");
  for (const letter of ["i", "c", "d", "e", "m", "r"])
    if (options.has(letter)) die(process, `option -${letter} is not implemented`);
  const home = options.get("h") ?? ".";
  orDie(process, `can't change directory to '${home}'`, () => {
    if (process.files.status(home).type !== "directory") throw new Refusal(20);
  });
  const place = options.get("p") ?? "80";
  const listener = listen(process, place);
  if (options.has("f")) return serve(process, listener, home);
  // The socket goes over to the daemon.
  listener.close();
  process.spawn((forked) => serve(forked, listen(forked, place), home), {
    argv: process.argv,
    fork: true,
    ownGroup: true,
  });
  return 0;
};

function listen(process: Process, text: string): StreamListener {
  const colon = text.lastIndexOf(":");
  const host = colon < 0 ? undefined : text.slice(0, colon);
  const port = numberInRange(process, text.slice(colon + 1), 1, 65_535);
  const address =
    host === undefined
      ? ipv6ToBytes(IPV6_ANY)
      : (resolveHost(process, host)[0]?.address ?? new Uint8Array(4));
  const family = address.length === 4 ? "inet" : "inet6";
  return orDie(process, "bind", () => process.listenStream({ family, address, port }, { backlog: BACKLOG }));
}

/** One caller after the other; each answer ends its connection. */
async function serve(process: Process, listener: StreamListener, home: string): Promise<number> {
  for (;;) {
    const socket = listener.accept();
    if (socket === undefined) {
      await process.wait([listener]);
      continue;
    }
    try {
      await answer(process, socket, home);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      // The caller is gone.
    }
    socket.close();
  }
}

/** The head of a request; undefined if the caller has said less. */
async function readHead(process: Process, { input }: StreamSocket): Promise<string | undefined> {
  let text = "";
  const decoder = new TextDecoder("latin1");
  while (!/\r?\n\r?\n/.test(text)) {
    const bytes = await process.read(input);
    if (!bytes) return undefined;
    text += decoder.decode(bytes);
  }
  return text;
}

async function answer(process: Process, socket: StreamSocket, home: string): Promise<void> {
  const head = await readHead(process, socket);
  if (head === undefined) return;
  const [method = "", target = ""] = (head.split(/\r?\n/)[0] ?? "").split(" ");
  const parts = respond(process, home, method, target);
  for (const part of parts) {
    socket.output.write(part);
    while (!socket.output.ready) await process.wait([socket.output]);
  }
}

function respond(process: Process, home: string, method: string, target: string): Uint8Array[] {
  if (method !== "GET" && method !== "HEAD") return [refusal(process, NOT_IMPLEMENTED)];
  const path = decoded(target.replace(/[?#].*$/, ""));
  if (path === undefined || !path.startsWith("/") || path.split("/").includes(".."))
    return [refusal(process, BAD_REQUEST)];
  try {
    return give(process, `${home}${path}`, path, method === "HEAD");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [refusal(process, NOT_FOUND)];
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Errors: Refusal for what is not there. */
function give(process: Process, file: string, path: string, headOnly: boolean): Uint8Array[] {
  const status = process.files.status(file);
  if (status.type === "directory") {
    if (path.endsWith("/")) return give(process, `${file}index.html`, `${path}index.html`, headOnly);
    return [encode(headOf(process, 302, "Found", "text/html", [`Location: ${path}/`]))];
  }
  const bytes = process.files.readFile(file);
  const type = TYPES.get(path.split(".").at(-1) ?? "");
  const head = encode(headOf(process, 200, "OK", type, fileFields(status, bytes.length)));
  return headOnly ? [head] : [head, bytes];
}

function fileFields({ modified }: FileStatus, length: number): string[] {
  const seconds = Math.floor(modified / 1e6);
  return [
    "Accept-Ranges: bytes",
    `Last-Modified: ${formatTime(DATE, modified)}`,
    `ETag: "${seconds.toString(16)}-${length.toString(16)}"`,
    `Content-Length: ${length}`,
  ];
}

function headOf(
  process: Process,
  status: number,
  name: string,
  type: string | undefined,
  fields: readonly string[],
): string {
  const lines = [
    `HTTP/1.1 ${status} ${name}`,
    `Date: ${formatTime(DATE, process.realtime())}`,
    "Connection: close",
    ...(type === undefined ? [] : [`Content-type: ${type}`]),
    ...fields,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function refusal(process: Process, { status, name, text }: Refused): Uint8Array {
  const title = `${status} ${name}`;
  return encode(
    `${headOf(process, status, name, "text/html", [])}<HTML><HEAD><TITLE>${title}</TITLE></HEAD>\n` +
      `<BODY><H1>${title}</H1>\n${text}\n</BODY></HTML>\n`,
  );
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
